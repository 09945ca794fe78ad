/**
 * Prints what this machine offers for training, and what is missing with the command that mends it.
 *
 *   deno task doctor
 *
 * Exits with 0 if training can run, with 1 if it cannot, with 2 on wrong usage.
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { describeAdapter, describedFeatures, grantedFeatures } from "../lib/devices/webgpu/describe.ts";
import { runTask } from "../lib/io/terminal.ts";
import { adapterAdvice, type Machine, thisMachine, unusedGpuAdvice } from "../lib/io/vulkan.ts";
import { formatBytes } from "../lib/units.ts";

const schema = z.strictObject({ json: field(z.boolean().default(false), "print one JSON object") });
const usage = "deno task doctor [flags]";
const examples = ["deno task doctor", "deno task doctor --json", "deno task doctor --json > machine.json"];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const { json } = validate(schema, flags.values, flagNames());
  const report = await examine(thisMachine());
  console.log(
    json ? JSON.stringify(report, null, 2) : rows(report).map(([name, value]) => name.padEnd(10) + value).join("\n"),
  );
  return report.missing.length === 0 ? 0 : 1;
});

type Report = Awaited<ReturnType<typeof examine>>;

/** Looks for what training needs. */
async function examine(machine: Machine) {
  const missing: string[] = [];
  const gpu = await navigator.gpu.requestAdapter();
  if (!gpu) missing.push(`a WebGPU adapter; ${adapterAdvice(machine)}`);
  try {
    (await gpu?.requestDevice())?.destroy();
  } catch (error) {
    missing.push(`a WebGPU device: ${(error as Error).message}; ${adapterAdvice(machine)}`);
  }
  const adapter = gpu && describeAdapter(gpu);
  return {
    deno: Deno.version.deno,
    system: `${machine.release["PRETTY_NAME"] ?? machine.os}, ${Deno.build.arch}`,
    adapter: adapter && { ...adapter, backend: backend(machine), features: await grantedFeatures(gpu!) },
    cores: navigator.hardwareConcurrency,
    memory_bytes: Deno.systemMemoryInfo().total,
    unused: (adapter && unusedGpuAdvice(machine, adapter.kind)) ?? null,
    missing,
  };
}

/** Names what the adapter is reached through, which WebGPU does not tell: what Deno may use on this system. */
function backend({ os }: Machine): string {
  if (os === "darwin") return "Metal";
  if (os === "windows") return "DirectX 12 or Vulkan";
  return Deno.env.get("DENO_WEBGPU_BACKEND")?.includes("gl") === false ? "Vulkan" : "Vulkan or OpenGL";
}

/** Lists the report as names and values. */
function rows(
  { deno, system, adapter, cores, memory_bytes, unused, missing }: Report,
): [name: string, value: string][] {
  return [
    ["Deno", `${deno} on ${system}`],
    ["Adapter", adapter ? `${adapter.name}, ${adapter.kind}, ${adapter.backend}` : "none"],
    ...(adapter ? adapterRows(adapter) : []),
    ["Machine", `${cores} cores, ${formatBytes(memory_bytes)} of memory`],
    ...(unused === null ? [] : [["Unused", unused] as [string, string]]),
    ["Missing", missing.join("\n") || "nothing"],
  ];
}

function adapterRows({ limits, features }: NonNullable<Report["adapter"]>): [name: string, value: string][] {
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
