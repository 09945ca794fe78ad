/**
 * Runs the study of where to begin: arms of starts and lessons, and how many times fewer tokens and FLOPs they need than
 * a random start.
 *
 *   deno task reproduce --quick
 *   deno task reproduce --starts random,importance --lessons plain,store --seeds 1 --out studies/first
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with what is done kept.
 */

import { parseFlags } from "../lib/cli/flags.ts";
import { formatDuration } from "../lib/cli/progress.ts";
import { help } from "../lib/cli/help.ts";
import { flagNames, validate } from "../lib/cli/validate.ts";
import { runTask } from "../lib/io/terminal.ts";
import { studySchema, withQuick } from "../lib/study/config.ts";
import { nameOf, REFERENCE } from "../lib/study/arms.ts";
import { hasConverged } from "../lib/study/results.ts";
import { reportStudy } from "../lib/study/report.ts";
import { study } from "../lib/study/study.ts";
import { printStudy } from "../lib/study/tables.ts";
import { formatCount } from "../lib/units.ts";
import { onInterrupt } from "./_interrupt.ts";

const usage = `deno task reproduce [flags]
Ctrl-C finishes the step and keeps what is done; the same command goes on. The exit code is then 130.`;
const examples = [
  "deno task reproduce --quick --out studies/quick",
  "deno task reproduce --starts random,prefix,importance --lessons plain,store --seeds 1",
  "deno task reproduce --out studies/whole",
];

await runTask(async (args) => {
  const flags = parseFlags(studySchema, args);
  if (flags.help) return console.log(help(studySchema, { usage, examples }));
  const { values } = flags;
  const config = validate(studySchema, withQuick(values), flagNames());
  const say = config.quiet ? () => {} : (line: string) => console.log(line);
  using interrupt = onInterrupt("finishing this step; press Ctrl-C again to end at once");
  const { signal } = interrupt;
  for await (const result of study(values, { signal, notice: say, warn: console.warn })) {
    const { arm, tokens, loss, bits_per_byte, seconds } = result;
    if (!hasConverged(result)) continue;
    const reached = `${loss.toFixed(4)} nats a token, ${bits_per_byte.toFixed(4)} bits per byte`;
    say(`  ${arm} after ${formatCount(tokens)} tokens: ${reached}, in ${formatDuration(seconds)} minutes`);
  }
  const summary = await reportStudy(config.out);
  if (summary) console.log(printStudy(summary));
  if (signal.aborted) {
    console.log("stopped; the same command goes on");
    return interrupt.code;
  }
  if (!summary) {
    return console.log(`nothing to sum up yet: '${nameOf(REFERENCE)}' has no result; other processes are at its runs`);
  }
  console.log(`done: the results are in '${config.out}/summary.json', with charts and tables beside it`);
});
