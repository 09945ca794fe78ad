/**
 * What tasks do with the process: run to an exit code, and show progress on a terminal.
 *
 * @module
 */

import cliProgress from "cli-progress";
import process from "node:process";
import {
  formatDuration,
  formatRow,
  plainProgress,
  type Progress,
  type ProgressRow,
  rowHeader,
  timeLeft,
} from "../cli/progress.ts";
import { describeFailure } from "../cli/usage_error.ts";
import { formatCount } from "../units.ts";

/**
 * Runs a task with the command line's arguments and ends the process.
 *
 * The exit code is what `main` returns (0 by default), 1 after an error, 2 after a `UsageError`. An error prints one
 * line; with OFFSHOOT_DEBUG=1 in the environment its stack follows.
 */
export async function runTask(main: (args: string[]) => Promise<number | void> | number | void): Promise<never> {
  let code: number;
  try {
    code = await main(Deno.args) ?? 0;
  } catch (error) {
    const failure = describeFailure(error, Deno.env.get("OFFSHOOT_DEBUG") === "1");
    console.error(failure.text);
    code = failure.code;
  }
  Deno.exit(code);
}

/** Options of {@linkcode openProgress}. */
export interface ProgressOptions {
  /** Whether to show nothing. @default {false} */
  readonly quiet?: boolean;
  /** Where a bar is drawn. @default {process.stdout} */
  readonly stream?: NodeJS.WriteStream;
}

/**
 * Opens a run's progress: a bar with the loss, the speed and the time left if the stream is a terminal, else plain
 * rows.
 *
 * On a terminal the rows of validations stay above the bar, and a student with a teacher shows its cross-entropy.
 *
 * @param totalSteps Length of the run.
 */
export function openProgress(totalSteps: number, options: ProgressOptions = {}): Progress {
  const { quiet = false, stream = process.stdout as NodeJS.WriteStream } = options;
  if (quiet) return plainProgress(() => {});
  // Unlike the stream, the console outlives a reader that goes away, as in `deno task pretrain | head`.
  return stream.isTTY ? barProgress(totalSteps, stream) : plainProgress((line) => console.log(line));
}

function barProgress(totalSteps: number, stream: NodeJS.WriteStream): Progress {
  const format = "{bar} step {value}/{total}  loss {loss}  {speed} tokens/s  {left} left";
  const bars = new cliProgress.MultiBar(
    { stream, format, barsize: 24, hideCursor: true, linewrap: false },
    cliProgress.Presets.shades_classic,
  );
  const bar = bars.create(totalSteps, 0, { loss: "-", speed: "-", left: "?" });
  const left = timeLeft(totalSteps);
  const stay = (line: string) => bars.log(`${line}\n`);
  let titled = false;
  return {
    row(row: ProgressRow): void {
      if (row.val_loss !== undefined) {
        if (!titled) stay(rowHeader(row));
        titled = true;
        stay(formatRow(row));
      }
      const speed = formatCount(Math.round(row.tokens_per_s));
      bar.update(row.step, {
        loss: (row.cross_entropy ?? row.loss).toFixed(4),
        speed,
        left: formatDuration(left(row)),
      });
      bars.update();
    },
    note: stay,
    [Symbol.dispose](): void {
      bars.update();
      bars.stop();
    },
  };
}
