/**
 * Writes the report of a run from its files: one HTML page that needs nothing else.
 *
 *   deno task report runs/student
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { validate } from "../lib/cli/validate.ts";
import { runTask } from "../lib/io/terminal.ts";
import { writeReport } from "../lib/pipeline/report.ts";

const schema = z.strictObject({ run: field(z.string().min(1), "run directory") });
const positionals = ["run"];
const usage = "deno task report <run>";
const examples = ["deno task report runs/student", "deno task report runs/small", "deno task report runs/small-2"];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { run } = validate(schema, flags.values);
  console.log(`done: the report is in '${await writeReport(run)}'`);
});
