/**
 * Writes the report of runs, searches and studies from their files: one HTML page that needs nothing else.
 *
 *   deno task report runs/student
 *   deno task report runs/student runs/small --out comparison.html
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { writeReports } from "../lib/compare/report.ts";
import { runTask } from "../lib/io/terminal.ts";

const schema = z.strictObject({
  directories: field(z.array(z.string().min(1)).min(1), "directories of runs, searches and studies"),
  out: field(
    z.string().min(1).optional(),
    "file to write; default report.html in a single directory, comparison.html here for several",
  ),
});
const positionals = ["directories"];
const usage = "deno task report <directory>... [flags]";
const examples = [
  "deno task report runs/student",
  "deno task report runs/student runs/small --out comparison.html",
  "deno task report studies/first searches/first runs/small",
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { directories, out } = validate(schema, flags.values, flagNames(positionals));
  console.log(`done: the report is in '${await writeReports(directories, out)}'`);
});
