/**
 * Installs this project's kernel where Jupyter finds it.
 *
 *   deno task jupyter
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { installKernel, kernelFolder, removeKernel } from "../lib/io/jupyter/kernel_spec.ts";
import { runTask } from "../lib/io/terminal.ts";
import { KERNEL_SPEC } from "../lib/notebook/print.ts";

const schema = z.strictObject({ remove: field(z.boolean().default(false), "remove the kernel again") });
const usage = `deno task jupyter [flags]
Jupyter itself is not needed for it, and may be installed later. JUPYTER_DATA_DIR and XDG_DATA_HOME say where it goes.`;
const examples = ["deno task jupyter", "jupyter notebook notebooks/", "deno task jupyter --remove"];

await runTask(async (args) => {
  const flags = parseFlags(schema, args);
  if (flags.help) return console.log(help(schema, { usage, examples }));
  const { remove } = validate(schema, flags.values, flagNames());
  const folder = kernelFolder();
  const title = `the kernel '${KERNEL_SPEC.display_name}'`;
  if (remove) {
    return console.log(`done: ${title} ${await removeKernel(folder) ? "was removed from" : "is not in"} '${folder}'`);
  }
  console.log(`done: ${title} ${await installKernel(folder) ? "is now" : "was already"} in '${folder}'`);
});
