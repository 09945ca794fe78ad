/**
 * Packs a run or a notebook, so that others can repeat it.
 *
 *   deno task share runs/student --out student.tar.gz
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { writeAtomically } from "../lib/io/atomic.ts";
import { runTask } from "../lib/io/terminal.ts";
import { INPUT_BYTES, share } from "../lib/share/share.ts";
import { formatBytes } from "../lib/units.ts";
import { quote } from "./_shell.ts";

const schema = z.strictObject({
  path: field(z.string().min(1), "run directory, or notebook"),
  out: field(z.string().min(1).default("auto"), "file to write", { auto: "the name of what is packed, .tar.gz" }),
  withModel: field(z.boolean().default(false), "pack the model of the last checkpoint too"),
  inputBytes: field(
    z.int().min(0).default(INPUT_BYTES),
    "size up to which files that the config names are packed, in bytes; larger ones are named with their hash",
  ),
});
const positionals = ["path"];
const usage = `deno task share <run or notebook> [flags]
Optimizer state is not packed. The same files give the same bytes.`;
const examples = [
  "deno task share runs/student",
  "deno task share runs/small --out small.tar.gz --with-model",
  "deno task share notebooks/01-tour.ipynb --out tour.tar.gz",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { path, out: given, ...options } = validate(schema, flags.values, flagNames(positionals));
  const { archive, manifest } = await share(path, options);
  const { name, inputs, files, environment: { dirty, commit } } = manifest;
  const out = given === "auto" ? `${name}.tar.gz` : given;
  await writeAtomically(out, archive);
  for (const { field, given, kind, bytes } of inputs) {
    const how = kind === "named" ? "too large to pack; whoever repeats the run must have it" : kind;
    console.log(`${field} '${given}': ${formatBytes(bytes)}, ${how}`);
  }
  if (dirty) console.warn(`commit ${commit!.slice(0, 12)} has changes that are in no commit: others cannot have them`);
  console.log(
    `done: ${files.length} files, ${formatBytes(archive.length)} in '${out}'; repeat it with: deno task rerun ${
      quote(out)
    }`,
  );
});
