/**
 * Watching a run from a notebook.
 *
 * @module
 */

import { LiveRun, type Start, type WatchOptions } from "../../notebook/live/live.ts";
import type { Screen } from "../../notebook/live/screen.ts";
import { cellScreen } from "./cell_screen.ts";

/**
 * Starts a run and shows it in the cell while it goes on: a curve that is drawn again at most twice a second, and rarely
 * enough that drawing takes 1.5% of the time at most. What draws is compiled before the run begins.
 *
 * The cell need not wait for it: `await run` in this or another cell gives the rows, and `run.stop()` in another cell
 * ends it after the step under way, with a checkpoint. That is the way to stop a long run, as the kernel does not survive
 * an interrupt. Outside of a kernel the text is printed in place of the picture.
 *
 * @param run Makes the iterator of a run, a pipeline, a search, a store or any other async iterator of records, and
 *   passes the signal on. An iterator itself is stopped at its next row, without what the signal would have done.
 * @param options How it is drawn.
 *
 * @example
 * ```ts ignore
 * import { pretrain } from "@offshoot/offshoot";
 * import { watch } from "@offshoot/offshoot/notebook";
 *
 * const run = watch((signal) => pretrain({ preset: "tiny", steps: 500 }, { signal }));
 * // in another cell
 * run.stop();
 * (await run).rows.at(-1);
 * ```
 */
export function watch<T>(run: Start<T> | AsyncIterable<T>, options: WatchOptions<T> = {}): LiveRun<T> {
  const start = typeof run === "function" ? run : (signal: AbortSignal) => until(signal, run);
  return new LiveRun(start, options, { screen: cellScreen() ?? consoleScreen() });
}

/** Ends an iterator at its first row after the signal; what it does to end itself runs. */
async function* until<T>(signal: AbortSignal, rows: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const row of rows) {
    yield row;
    if (signal.aborted) return;
  }
}

function consoleScreen(): Screen {
  return { show: (bundle) => console.log(bundle["text/plain"].split("\n").join(": ")) };
}
