/**
 * Prints what this machine offers for training, and what is missing with the command that mends it.
 *
 * Exits with 0 if training can run, with 1 if it cannot, with 2 on wrong usage.
 */
import { parseArgs } from "@std/cli";
import { describeAdapter, describedFeatures, grantedFeatures } from "../lib/devices/webgpu/describe.ts";
import { adapterAdvice, thisMachine } from "../lib/io/vulkan.ts";
import { formatBytes } from "../lib/units.ts";

const unknown: string[] = [];
const { json } = parseArgs(Deno.args, { boolean: ["json"], unknown: (argument) => unknown.push(argument) });
if (unknown.length > 0) {
  console.error(`Cannot read '${unknown[0]}': the only flag is --json`);
  Deno.exit(2);
}

const machine = thisMachine();
const missing: string[] = [];

const gpu = await navigator.gpu.requestAdapter();
if (!gpu) missing.push(`a WebGPU adapter; ${adapterAdvice(machine)}`);
try {
  (await gpu?.requestDevice())?.destroy();
} catch (error) {
  missing.push(`a WebGPU device: ${(error as Error).message}; ${adapterAdvice(machine)}`);
}

const adapter = gpu && { ...describeAdapter(gpu), backend: backend(), features: await grantedFeatures(gpu) };
const report = {
  deno: Deno.version.deno,
  system: `${machine.release["PRETTY_NAME"] ?? machine.os}, ${Deno.build.arch}`,
  adapter,
  cores: navigator.hardwareConcurrency,
  memory_bytes: Deno.systemMemoryInfo().total,
  missing,
};

if (json) console.log(JSON.stringify(report, null, 2));
else console.log(rows().map(([name, value]) => name.padEnd(10) + value).join("\n"));
Deno.exit(missing.length === 0 ? 0 : 1);

/** Names what the adapter is reached through, which WebGPU does not tell: what Deno may use on this system. */
function backend(): string {
  if (machine.os === "darwin") return "Metal";
  if (machine.os === "windows") return "DirectX 12 or Vulkan";
  return Deno.env.get("DENO_WEBGPU_BACKEND")?.includes("gl") === false ? "Vulkan" : "Vulkan or OpenGL";
}

/** Lists the report as names and values. */
function rows(): [name: string, value: string][] {
  return [
    ["Deno", `${report.deno} on ${report.system}`],
    ["Adapter", adapter ? `${adapter.name}, ${adapter.kind}, ${adapter.backend}` : "none"],
    ...(adapter ? adapterRows(adapter) : []),
    ["Machine", `${report.cores} cores, ${formatBytes(report.memory_bytes)} of memory`],
    ["Missing", missing.join("\n") || "nothing"],
  ];
}

function adapterRows({ limits, features }: NonNullable<typeof adapter>): [name: string, value: string][] {
  return [
    [
      "Buffer",
      `${formatBytes(limits.maxBufferSize)}, of which a binding ${formatBytes(limits.maxStorageBufferBindingSize)}`,
    ],
    [
      "Kernel",
      `${limits.maxStorageBuffersPerShaderStage} storage buffers, offsets in multiples of ${limits.minStorageBufferOffsetAlignment} B`,
    ],
    [
      "Workgroup",
      `${limits.maxComputeInvocationsPerWorkgroup} invocations, ${formatBytes(limits.maxComputeWorkgroupStorageSize)}`,
    ],
    ["Features", describedFeatures.map((name) => `${name} ${features.includes(name) ? "yes" : "no"}`).join(", ")],
  ];
}
