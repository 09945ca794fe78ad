/**
 * What the directory of a run holds besides the run itself, where its student was cut out of a teacher.
 *
 * @module
 */

import { writeAtomically } from "./atomic.ts";
import { exists, remove } from "./files.ts";
import { jsonText, readJson } from "./json.ts";

/** The places in a run's directory that its run does not know. */
export class PipelineDirectory {
  /** The directory itself. */
  readonly path: string;
  /** All settings: given as `--config`, they repeat the whole. */
  readonly config: string;
  /** The folder of the teacher on its principal axes. */
  readonly turned: string;
  /** The directory of the search. */
  readonly search: string;
  /** The folder of the student before its training. */
  readonly inherited: string;
  /** What each stage took. */
  readonly costs: string;
  /** What was reached. */
  readonly result: string;
  /** The report. */
  readonly report: string;

  /** Names the places in a directory, whether it is there or not. */
  constructor(path: string) {
    this.path = path.replace(/(?<=.)\/+$/, "");
    this.config = `${this.path}/pipeline.json`;
    this.turned = `${this.path}/turned`;
    this.search = `${this.path}/search`;
    this.inherited = `${this.path}/inherited`;
    this.costs = `${this.path}/costs.json`;
    this.result = `${this.path}/result.json`;
    this.report = `${this.path}/report.html`;
  }

  /** Tells whether a pipeline was begun here. */
  async begun(): Promise<boolean> {
    return await exists(this.config);
  }

  /** Names what is there of all that a pipeline makes before its run begins, its settings last. */
  async made(): Promise<string[]> {
    const names: string[] = [];
    for (const place of [this.turned, this.search, this.inherited, this.costs, this.config]) {
      if (await exists(place)) names.push(place.slice(this.path.length + 1));
    }
    return names;
  }

  /** Removes all that a pipeline makes before its run begins; as its settings go last, what is left is never without. */
  async discard(): Promise<void> {
    for (const name of await this.made()) await remove(`${this.path}/${name}`);
  }

  /** Reads one of the JSON files, if it is there. */
  async read(path: string): Promise<unknown> {
    return await exists(path) ? await readJson(path) : undefined;
  }

  /** Writes one of the JSON files, whole or not at all. */
  async write(path: string, value: unknown): Promise<void> {
    await writeAtomically(path, jsonText(value));
  }
}
