/**
 * The log of a run: one JSON object a line, in the order of the steps.
 *
 * @module
 */

import { writeAtomically } from "./atomic.ts";
import { withFile } from "./file_error.ts";
import { formatRow, readRows, RowLog } from "./row_log.ts";

/** What a run reports of one step. */
export interface LogRow {
  /** Optimizer steps done. */
  readonly step: number;
  /** What was measured: losses, rates, times. */
  readonly [field: string]: unknown;
}

/** The fields that differ between two runs of the same config: times, and what is computed from them. */
export const timeFields: readonly string[] = ["elapsed_s", "step_ms", "tokens_per_s"];

/** Returns the row without its {@linkcode timeFields}: what two runs of the same config must agree in. */
export function stripTimes(row: LogRow): LogRow {
  const entries = Object.entries(row).filter(([field]) => !timeFields.includes(field));
  return { step: row.step, ...Object.fromEntries(entries) };
}

/**
 * The open log of a run.
 *
 * A log that is to equal the uninterrupted run's after a resume needs the rows up to a step in it, and synced, before
 * that step's checkpoint is written.
 */
export class RunLog extends RowLog<LogRow> {
  /** Begins the log of a new run. */
  static async create(path: string): Promise<RunLog> {
    return new RunLog(path, await withFile("write", path, () => Deno.open(path, { append: true, createNew: true })));
  }

  /**
   * Goes on with a log after `step`; the rows after it, and a last line that was cut short, are dropped.
   *
   * @param step The last step to keep; -1 empties the log.
   * @throws {FileError} If a line is no row.
   */
  static async resume(path: string, step: number): Promise<RunLog> {
    const kept = (await readLog(path)).filter((row) => row.step <= step);
    await writeAtomically(path, kept.map(formatRow).join(""));
    return new RunLog(path, await withFile("write", path, () => Deno.open(path, { append: true })));
  }
}

/**
 * Reads a log; a last line without its line end, which a killed process leaves, is no row.
 *
 * @returns No rows if there is no file.
 * @throws {FileError} If a line is no row.
 */
export async function readLog(path: string): Promise<LogRow[]> {
  return await readRows<LogRow>(path, "step");
}
