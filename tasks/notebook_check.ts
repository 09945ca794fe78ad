/**
 * Executes notebooks again and compares the results that their cells declare with those that they hold.
 *
 *   deno task notebook:check notebooks/01-tour.ipynb
 *
 * Exits with 0 if every result is the same or within its tolerance, with 1 if one is not.
 */

import { z } from "zod";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { readNotebook } from "../lib/io/jupyter/notebook_file.ts";
import { runTask } from "../lib/io/terminal.ts";
import { compareResults, formatComparison, holds } from "../lib/notebook/compare.ts";
import { resultsOf, storedResults } from "../lib/notebook/stored_results.ts";
import { execute, executionFields, forEachNotebook, notebookFiles, sizeOf } from "./_notebook.ts";

const schema = z.strictObject({ ...notebookFiles, ...executionFields });
const positionals = ["files"];
const usage = `deno task notebook:check <files>... [flags]
Nothing is written. Results are stored by deno task notebook:run, those of --quick runs apart from those of full ones.`;
const examples = [
  "deno task notebook:check notebooks/01-tour.ipynb",
  "deno task notebook:check notebooks/*.ipynb --quick",
  "deno task notebook:check notebooks/04-kernels.ipynb --timeout 60",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { files, ...asked } = validate(schema, flags.values, flagNames(positionals));
  let failures = 0;
  const stopped = await forEachNotebook(files, async (file, signal) => {
    const notebook = await readNotebook(file);
    const stored = storedResults(notebook, sizeOf(asked));
    const compared = compareResults(stored, resultsOf(await execute(notebook, file, { ...asked, signal })));
    const failed = compared.filter((result) => !holds(result)).length;
    if (compared.length > 0) console.log(formatComparison(compared));
    console.log(
      `${failed > 0 ? "changed" : "done"}: ${compared.length - failed} of ${compared.length} results hold in '${file}'`,
    );
    failures += failed;
  });
  return stopped ?? (failures > 0 ? 1 : 0);
});
