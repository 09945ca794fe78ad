/**
 * Strips notebooks of outputs, execution counts and metadata of cells.
 *
 *   deno task notebook:clean notebooks/01-tour.ipynb
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { readNotebook, writeNotebook } from "../lib/io/jupyter/notebook_file.ts";
import { runTask } from "../lib/io/terminal.ts";
import { clean } from "../lib/notebook/clean.ts";
import { notebookFiles } from "./_notebook.ts";

const schema = z.strictObject({
  ...notebookFiles,
  results: field(z.boolean().default(false), "remove the declared results too, which are kept otherwise"),
});
const positionals = ["files"];
const usage = "deno task notebook:clean <files>... [flags]";
const examples = [
  "deno task notebook:clean notebooks/01-tour.ipynb",
  "deno task notebook:clean notebooks/*.ipynb",
  "deno task notebook:clean notebooks/01-tour.ipynb --results",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { files, results } = validate(schema, flags.values, flagNames(positionals));
  for (const file of files) {
    await writeNotebook(file, clean(await readNotebook(file), { results }));
    console.log(`done: '${file}' is clean`);
  }
});
