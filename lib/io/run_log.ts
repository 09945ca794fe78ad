/**
 * The log of a run: one JSON object a line, in the order of the steps.
 *
 * @module
 */

import { FileError, withFile } from "./file_error.ts";
import { writeAtomically } from "./atomic.ts";
import { exists, writeFully } from "./files.ts";

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
 * An open log, to which rows are appended.
 *
 * A log that is to equal the uninterrupted run's after a resume needs the rows up to a step in it, and synced, before
 * that step's checkpoint is written.
 */
export class RunLog implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

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
    await writeAtomically(path, kept.map(format).join(""));
    return new RunLog(path, await withFile("write", path, () => Deno.open(path, { append: true })));
  }

  /** Appends one row. */
  async append(row: LogRow): Promise<void> {
    const bytes = new TextEncoder().encode(format(row));
    await withFile("write", this.#path, () => writeFully(this.#file, bytes));
  }

  /** Syncs the rows to the disk, so that they outlive a power cut. */
  async sync(): Promise<void> {
    await withFile("write", this.#path, () => this.#file.sync());
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Reads a log; a last line without its line end, which a killed process leaves, is no row.
 *
 * @returns No rows if there is no file.
 * @throws {FileError} If a line is no row.
 */
export async function readLog(path: string): Promise<LogRow[]> {
  if (!await exists(path)) return [];
  const text = await withFile("read", path, () => Deno.readTextFile(path));
  return text.split("\n").slice(0, -1).map((line, index) => parseRow(path, line, index + 1));
}

function format(row: LogRow): string {
  return `${JSON.stringify(row)}\n`;
}

function parseRow(path: string, line: string, number: number): LogRow {
  try {
    const row = JSON.parse(line);
    if (Number.isSafeInteger(row?.step)) return row;
  } catch {
    // Both flaws are the same to the reader.
  }
  throw new FileError(
    "read",
    path,
    `line ${number} must be a JSON object with a whole number 'step', found ${line.slice(0, 80)}`,
  );
}
