/**
 * Search directories: where a search keeps its settings, its rows and what it found.
 *
 * @module
 */

import { writeAtomically } from "./atomic.ts";
import { FileError } from "./file_error.ts";
import { exists } from "./files.ts";
import { jsonText, readJson } from "./json.ts";
import { tryLockFolder } from "./lock.ts";
import { formatRow, readRows, RowLog } from "./row_log.ts";

/** What every row of a search has. */
export interface NumberedRow {
  /** Number of the evaluation, from 1. */
  readonly evaluation: number;
}

/** What a search has found so far. */
export interface Findings {
  /** The best member, as JSON. */
  readonly best: unknown;
  /** The front, as JSON. */
  readonly front: unknown;
  /** An SVG document. */
  readonly chart: string;
}

/** A search's directory and the places in it. */
export class SearchDirectory {
  /** The directory itself. */
  readonly path: string;
  /** The settings; where they are, a search was begun. */
  readonly config: string;
  /** The rows, one a line. */
  readonly rows: string;
  /** The best member. */
  readonly best: string;
  /** The Pareto front. */
  readonly front: string;
  /** The chart. */
  readonly chart: string;
  /** How fitness agrees with loss after training. */
  readonly correlation: string;

  /** Names the places in a directory, whether it is there or not. */
  constructor(path: string) {
    this.path = path.replace(/(?<=.)\/+$/, "");
    this.config = `${this.path}/config.json`;
    this.rows = `${this.path}/search.jsonl`;
    this.best = `${this.path}/best.json`;
    this.front = `${this.path}/pareto.json`;
    this.chart = `${this.path}/search.svg`;
    this.correlation = `${this.path}/correlation.json`;
  }

  /** Tells whether a search was begun here. */
  async begun(): Promise<boolean> {
    return await exists(this.config);
  }

  /** Reads the settings that the search was begun with. */
  async readConfig(): Promise<unknown> {
    return await readJson(this.config);
  }

  /**
   * Keeps other processes from searching here until this is disposed of.
   *
   * @throws {FileError} If another process does.
   */
  async claim(): Promise<Disposable> {
    const lock = await tryLockFolder(this.path);
    if (lock) return lock;
    throw new FileError(
      "write",
      this.path,
      "another process searches in it; wait for its end, or choose another --out",
    );
  }

  /**
   * Reads the rows; a last line that was cut short is none.
   *
   * @throws {FileError} If a line is no row, or not the one of its number.
   */
  async readRows<Row extends NumberedRow>(): Promise<Row[]> {
    const rows = await readRows<Row>(this.rows, "evaluation");
    const wrong = rows.findIndex(({ evaluation }, index) => evaluation !== index + 1);
    if (wrong < 0) return rows;
    throw new FileError(
      "read",
      this.rows,
      `line ${wrong + 1} must be that of evaluation ${wrong + 1}, found ${rows[wrong]!.evaluation}; restore the file`,
    );
  }

  /**
   * Begins a search.
   *
   * @param config Its settings, as JSON.
   * @throws {FileError} If something would be overwritten.
   */
  async begin(config: unknown): Promise<void> {
    for (const path of [this.config, this.rows, this.best, this.front, this.chart, this.correlation]) {
      if (!await exists(path)) continue;
      throw new FileError("write", path, "it must be new, found it there already; choose another --out");
    }
    await this.writeConfig(config);
  }

  /** Writes the settings of a search that was begun, whose budget may have grown. */
  async writeConfig(config: unknown): Promise<void> {
    await writeAtomically(this.config, jsonText(config));
  }

  /** Opens the rows for more of them, behind those that were read; a last line that was cut short is dropped. */
  async openRows<Row extends NumberedRow>(known: readonly Row[]): Promise<SearchLog<Row>> {
    return new SearchLog(this.rows, await RowLog.open<Row>(this.rows), known);
  }

  /** Writes what was found so far, each file whole or not at all. */
  async writeFindings({ best, front, chart }: Findings): Promise<void> {
    await writeAtomically(this.best, `${JSON.stringify(best)}\n`);
    await writeAtomically(this.front, `${JSON.stringify(front)}\n`);
    await writeAtomically(this.chart, chart);
  }
}

/** The open rows of a search. */
export class SearchLog<Row extends NumberedRow> implements Disposable {
  readonly #path: string;
  readonly #log: RowLog<Row>;
  readonly #known: readonly Row[];

  /** Takes the log, and the rows that are in it. */
  constructor(path: string, log: RowLog<Row>, known: readonly Row[]) {
    this.#path = path;
    this.#log = log;
    this.#known = known;
  }

  /**
   * Appends a row, unless it is known.
   *
   * @throws {FileError} If the row of that number is another one.
   */
  async append(row: Row): Promise<void> {
    const known = this.#known[row.evaluation - 1];
    if (known === undefined) return await this.#log.append(row);
    if (formatRow(known) === formatRow(row)) return;
    throw new FileError(
      "read",
      this.#path,
      `line ${row.evaluation} must be the row that this search reports, found another one; restore the file`,
    );
  }

  /** Syncs the rows to the disk, so that they outlive a power cut. */
  async sync(): Promise<void> {
    await this.#log.sync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }
}
