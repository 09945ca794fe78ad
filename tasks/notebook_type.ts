/**
 * Checks the types of notebooks' cells.
 *
 *   deno task notebook:type notebooks/01-tour.ipynb
 *
 * Exits with 0 if all types are right, with 1 if one is not.
 */

import { z } from "zod";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { checkTypes } from "../lib/io/jupyter/check_types.ts";
import { readNotebook } from "../lib/io/jupyter/notebook_file.ts";
import { runTask } from "../lib/io/terminal.ts";
import { forEachNotebook, notebookFiles } from "./_notebook.ts";

const schema = z.strictObject(notebookFiles);
const positionals = ["files"];
const usage = `deno task notebook:type <files>...
The cells of a notebook are checked as one module, so a name may be declared in one cell only.`;
const examples = [
  "deno task notebook:type notebooks/01-tour.ipynb",
  "deno task notebook:type notebooks/*.ipynb",
  "deno task notebook:type notebooks/01-tour.ipynb notebooks/02-search.ipynb",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { files } = validate(schema, flags.values, flagNames(positionals));
  let count = 0;
  const stopped = await forEachNotebook(files, async (file) => {
    const mistakes = await checkTypes(await readNotebook(file), file);
    for (const { place, reason } of mistakes) console.error(`${file}: ${place}: ${reason}`);
    if (mistakes.length === 0) console.log(`done: the types in '${file}' are right`);
    count += mistakes.length;
  });
  return stopped ?? (count > 0 ? 1 : 0);
});
