/**
 * Study directories: where a study keeps its settings, its students, its runs and what they came to.
 *
 * @module
 */

import { writeAtomically } from "./atomic.ts";
import { FileError, withFile } from "./file_error.ts";
import { exists } from "./files.ts";
import { jsonText, readJson } from "./json.ts";
import { tryLockFolder } from "./lock.ts";
import { readRows, RowLog } from "./row_log.ts";

/** A study's directory and the places in it. */
export class StudyDirectory {
  /** The directory itself. */
  readonly path: string;
  /** The settings, and what is known of teacher and corpus; where they are, a study was begun. */
  readonly config: string;
  /** What each finished run came to, one a line. */
  readonly results: string;
  /** The students before training. */
  readonly students: string;
  /** The runs, and the tokens. */
  readonly runs: string;
  /** What the teacher left for students that learn without it. */
  readonly store: string;
  /** The summary. */
  readonly summary: string;

  /** Names the places in a directory, whether it is there or not. */
  constructor(path: string) {
    this.path = path.replace(/(?<=.)\/+$/, "");
    this.config = `${this.path}/study.json`;
    this.results = `${this.path}/results.jsonl`;
    this.students = `${this.path}/students`;
    this.runs = `${this.path}/runs`;
    this.store = `${this.path}/store`;
    this.summary = `${this.path}/summary.json`;
  }

  /**
   * Keeps other processes from working here until this is disposed of.
   *
   * @throws {FileError} If another process does.
   */
  async claim(): Promise<Disposable> {
    await withFile("write", this.path, () => Deno.mkdir(this.runs, { recursive: true }));
    const lock = await tryLockFolder(this.path);
    if (lock) return lock;
    throw new FileError("write", this.path, "another process works on this study; wait for its end, or choose another");
  }

  /** Reads what a study was begun with; nothing where there is none. */
  async readConfig(): Promise<unknown> {
    return await exists(this.config) ? await readJson(this.config) : undefined;
  }

  /** Keeps what a study was begun with. */
  async writeConfig(config: unknown): Promise<void> {
    await writeAtomically(this.config, jsonText(config));
  }

  /** Reads the rows of finished runs. */
  async readResults<Row extends object>(counter: keyof Row & string): Promise<Row[]> {
    return await readRows<Row>(this.results, counter);
  }

  /** Adds the row of a finished run, and syncs it to the disk. */
  async addResult(row: object): Promise<void> {
    using log = await RowLog.open(this.results);
    await log.append(row);
    await log.sync();
  }
}
