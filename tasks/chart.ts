/**
 * Draws a run's loss curve.
 *
 *   deno task chart runs/small --out loss.svg
 */

import { z } from "zod";
import { field } from "../lib/cli/fields.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { writeAtomically } from "../lib/io/atomic.ts";
import { RunDirectory } from "../lib/io/run_directory.ts";
import { readLog } from "../lib/io/run_log.ts";
import { runTask } from "../lib/io/terminal.ts";
import { type ChartRow, lossChart } from "../lib/report/loss_chart.ts";

const schema = z.strictObject({
  run: field(z.string().min(1), "run directory"),
  out: field(z.string().min(1).default("loss.svg"), "file to write"),
  title: field(z.string().default(""), "heading of the chart", { bare: "" }),
});
const positionals = ["run"];
const usage = "deno task chart <run> [flags]";
const examples = [
  "deno task chart runs/small",
  "deno task chart runs/small --out small.svg",
  'deno task chart runs/small-2 --title "Two epochs" --out second.svg',
];

await runTask(async (args) => {
  const flags = parseFlags(schema, args, { positionals });
  if (flags.help) return console.log(help(schema, { usage, examples, positionals }));
  const { run, out, title } = validate(schema, flags.values, flagNames(positionals));
  const directory = await RunDirectory.open(run);
  const rows = await readLog(directory.log) as unknown as ChartRow[];
  await writeAtomically(out, lossChart(rows, { title: title || `Loss of ${directory.path}` }));
  console.log(`done: the chart is in '${out}'`);
});
