/**
 * Sees to it that there is a WebGPU adapter: at once where there is one, else by installing what NVIDIA's driver lacks, or
 * software Vulkan, where that is possible, else by saying how.
 *
 * `--check` only looks. Everything is said on the standard error, as the output belongs to the task that needs an
 * adapter.
 */
import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { describeAdapter } from "../lib/devices/webgpu/describe.ts";
import { runTask } from "../lib/io/terminal.ts";
import { adapterAdvice, canInstallVulkan, installVulkan, thisMachine, unusedGpuAdvice } from "../lib/io/vulkan.ts";

const schema = z.strictObject({ check: field(z.boolean().default(false), "only look, and install nothing") });
const FOUND = "WebGPU adapter:";
const usage = "deno task setup [flags]";
const examples = ["deno task setup", "deno task setup --check", "deno task doctor"];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const { check } = validate(schema, flags.values, flagNames());
  const machine = thisMachine();
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter) {
    const { name, kind } = describeAdapter(adapter);
    const unused = unusedGpuAdvice(machine, kind);
    return console.error(`${FOUND} ${name}, ${kind}${unused ? `\n${unused}` : ""}`);
  }
  if (check || !canInstallVulkan(machine)) {
    throw new Error(`Cannot find a WebGPU adapter; ${adapterAdvice(machine)}`);
  }
  let found: string | undefined;
  try {
    found = installVulkan(machine, lookAfresh, (what) => {
      console.error(`No WebGPU adapter found: installing ${what} with apt-get, in about a minute`);
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}; ${adapterAdvice(machine)}`, { cause: error });
  }
  if (!found) {
    throw new Error(
      "Cannot find a WebGPU adapter though Vulkan is installed; unset VK_DRIVER_FILES, or look at what vulkaninfo says",
    );
  }
  console.error(found);
});

/**
 * Looks from a new process, as this one's WebGPU has loaded its drivers for good; returns what that says if it finds
 * one.
 */
function lookAfresh(): string | undefined {
  const args = ["run", "--quiet", "--allow-all", import.meta.filename!, "--check"];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args, stdin: "null" }).outputSync();
  const lines = new TextDecoder().decode(stderr).split("\n");
  return success ? lines.find((line) => line.startsWith(FOUND)) : undefined;
}
