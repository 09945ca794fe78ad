/**
 * Study directories: where a study keeps its settings, its students, its runs and what they came to.
 *
 * @module
 */

import { writeAtomically } from "./atomic.ts";
import { exists } from "./files.ts";
import { jsonText, readJson } from "./json.ts";
import { lockFolder, tryLockFolder } from "./lock.ts";
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
  /** The teacher on other axes than its own. */
  readonly teachers: string;
  /** The runs, and the tokens. */
  readonly runs: string;
  /** What processes that work on the study at once keep from each other. */
  readonly claims: string;
  /** What the teacher left for students that learn without it. */
  readonly store: string;
  /** The summary. */
  readonly summary: string;
  /** The same as tables to read. */
  readonly tables: string;
  /** Charts of losses, of few of them and of many, and of the tokens and the FLOPs to match. */
  readonly charts: Readonly<Record<"overview" | "loss" | "tokens" | "flops", string>>;

  /** Names the places in a directory, whether it is there or not. */
  constructor(path: string) {
    this.path = path.replace(/(?<=.)\/+$/, "");
    this.config = `${this.path}/study.json`;
    this.results = `${this.path}/results.jsonl`;
    this.students = `${this.path}/students`;
    this.teachers = `${this.path}/teachers`;
    this.runs = `${this.path}/runs`;
    this.claims = `${this.path}/claims`;
    this.store = `${this.path}/store`;
    this.summary = `${this.path}/summary.json`;
    this.tables = `${this.path}/tables.md`;
    this.charts = {
      overview: `${this.path}/overview.svg`,
      loss: `${this.path}/loss.svg`,
      tokens: `${this.path}/tokens-to-match.svg`,
      flops: `${this.path}/flops-to-match.svg`,
    };
  }

  /** Waits until no other process begins the study, and keeps others from it until this is disposed of. */
  async lock(): Promise<Disposable> {
    return await lockFolder(this.path);
  }

  /** Waits until no other process makes this part of the study. */
  async lockPart(name: string): Promise<Disposable> {
    return await lockFolder(`${this.claims}/${name}`);
  }

  /** Takes a run for this process; nothing where another one works on it. */
  async claim(run: string): Promise<Disposable | undefined> {
    return await tryLockFolder(`${this.claims}/${run}`);
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

  /** Adds the row of a finished run, and syncs it to the disk; processes that do so at once wait for each other. */
  async addResult(row: object): Promise<void> {
    // Opening the log cuts off what a killed process left, and would cut off what another one is writing.
    using _lock = await this.lockPart("results");
    using log = await RowLog.open(this.results);
    await log.append(row);
    await log.sync();
  }
}
