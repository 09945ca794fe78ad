/**
 * Sees to it that there is a WebGPU adapter: at once where there is one, else by installing software Vulkan where that
 * is possible, else by saying how.
 *
 * `--check` only looks. Everything is said on the standard error, as the output belongs to the task that needs an
 * adapter.
 */
import { parseArgs } from "@std/cli";
import { describeAdapter } from "../lib/devices/webgpu/describe.ts";
import { adapterAdvice, canInstallVulkan, installVulkan, thisMachine } from "../lib/io/vulkan.ts";

const { check } = parseArgs(Deno.args, { boolean: ["check"], unknown: refuse });
const machine = thisMachine();

/**
 * Looks from a new process, as this one's WebGPU has loaded its drivers for good; returns what that says if it finds
 * one.
 */
function lookAfresh(): string | undefined {
  const args = ["run", "--quiet", "--allow-all", import.meta.filename!, "--check"];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args, stdin: "null" }).outputSync();
  return success ? new TextDecoder().decode(stderr).trim().split("\n").at(-1) : undefined;
}

/** Ends the process with a reason, on one line. */
function fail(reason: string, code = 1): never {
  console.error(reason);
  Deno.exit(code);
}

function refuse(argument: string): never {
  fail(`Cannot use '${argument}': the only flag is --check, which looks for an adapter and installs nothing`, 2);
}

const adapter = await navigator.gpu.requestAdapter();
if (adapter) {
  const { name, kind } = describeAdapter(adapter);
  console.error(`WebGPU adapter: ${name}, ${kind}`);
} else if (check || !canInstallVulkan(machine)) {
  fail(`Cannot find a WebGPU adapter; ${adapterAdvice(machine)}`);
} else {
  console.error("No WebGPU adapter found: installing Mesa's software Vulkan with apt-get, in about a minute");
  try {
    installVulkan(machine);
  } catch (error) {
    fail(`${(error as Error).message}; ${adapterAdvice(machine)}`);
  }
  const found = lookAfresh();
  if (!found) {
    fail(
      "Cannot find a WebGPU adapter though Vulkan is installed; unset VK_DRIVER_FILES, or look at what vulkaninfo says",
    );
  }
  console.error(found);
}
