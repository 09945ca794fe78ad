/**
 * Logs: files of one JSON object a line, which only grow.
 *
 * @module
 */

import { isObject } from "../unknown.ts";
import { FileError, withFile } from "./file_error.ts";
import { exists, writeFully } from "./files.ts";

/**
 * An open log, to which rows are appended.
 *
 * @typeParam Row What a line holds.
 */
export class RowLog<Row extends object> implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /** Takes a file that is open for appending; it is closed with the log. */
  protected constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a log at its end; a last line that was cut short is dropped. It is made where there is none.
   *
   * @throws {FileError} If the file system refuses.
   */
  static async open<Row extends object>(path: string): Promise<RowLog<Row>> {
    const file = await withFile("write", path, () => Deno.open(path, { append: true, create: true }));
    const { bytes } = await readLines(path);
    await withFile("write", path, () => file.truncate(bytes));
    return new RowLog(path, file);
  }

  /** Appends one row. */
  async append(row: Row): Promise<void> {
    const bytes = new TextEncoder().encode(formatRow(row));
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

/** Writes a row as its line. */
export function formatRow(row: object): string {
  return `${JSON.stringify(row)}\n`;
}

/**
 * Reads a log; a last line without its line end, which a killed process leaves, is no row.
 *
 * @param counter The field in which every row has a whole number.
 * @returns No rows if there is no file.
 * @throws {FileError} If a line is no row.
 */
export async function readRows<Row extends object>(path: string, counter: keyof Row & string): Promise<Row[]> {
  if (!await exists(path)) return [];
  return (await readLines(path)).lines.map((line, index) => parseRow<Row>(path, line, index + 1, counter));
}

/** The whole lines of a file, and how many bytes they take. */
async function readLines(path: string): Promise<{ lines: string[]; bytes: number }> {
  const bytes = await withFile("read", path, () => Deno.readFile(path));
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  return { lines: new TextDecoder().decode(whole).split("\n").slice(0, -1), bytes: whole.length };
}

function parseRow<Row extends object>(path: string, line: string, number: number, counter: string): Row {
  try {
    const row: unknown = JSON.parse(line);
    if (isObject(row) && Number.isSafeInteger(row[counter])) return row as Row;
  } catch {
    // Both flaws are the same to the reader.
  }
  throw new FileError(
    "read",
    path,
    `line ${number} must be a JSON object with a whole number '${counter}', found ${line.slice(0, 80)}`,
  );
}
