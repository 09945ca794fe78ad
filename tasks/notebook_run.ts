/**
 * Executes notebooks with Deno's kernel, keeps all outputs, and stores the results that cells declare.
 *
 *   deno task notebook:run notebooks/01-tour.ipynb
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { UsageError } from "../lib/cli/usage_error.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { readNotebook, writeNotebook } from "../lib/io/jupyter/notebook_file.ts";
import { runTask } from "../lib/io/terminal.ts";
import { resultsOf, storeResults } from "../lib/notebook/stored_results.ts";
import { execute, executionFields, forEachNotebook, notebookFiles, sizeOf } from "./_notebook.ts";

const schema = z.strictObject({
  ...notebookFiles,
  ...executionFields,
  out: field(z.string().min(1).optional(), "file to write in place of the notebook itself; for one notebook"),
});
const positionals = ["files"];
const usage = `deno task notebook:run <files>... [flags]
A notebook whose cell throws, shows an error, takes too long or ends the kernel stays on the disk as it was.`;
const examples = [
  "deno task notebook:run notebooks/01-tour.ipynb",
  "deno task notebook:run notebooks/*.ipynb --quick",
  "deno task notebook:run notebooks/02-search.ipynb --quick --out /tmp/search.ipynb",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { files, out, ...asked } = validate(schema, flags.values, flagNames(positionals));
  if (out !== undefined && files.length > 1) {
    throw new UsageError(`Cannot use --out: it must be for one notebook, found ${files.length}; leave it out`);
  }
  return await forEachNotebook(files, async (file, signal) => {
    const executed = await execute(await readNotebook(file), file, { ...asked, signal });
    const results = resultsOf(executed);
    const target = out ?? file;
    await writeNotebook(target, storeResults(executed, sizeOf(asked), results));
    console.log(`done: '${target}' has all outputs and ${results.length} declared results`);
  });
});
