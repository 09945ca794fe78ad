/**
 * Run directories: where a training run keeps its configuration, its log and its checkpoints.
 *
 * @module
 */

import { FileError, withFile } from "./file_error.ts";
import { writeAtomically } from "./atomic.ts";
import { exists } from "./files.ts";
import { jsonText, readJson } from "./json.ts";

/** A run's directory and the places in it. */
export class RunDirectory {
  /** The device that the run was started on. */
  readonly adapter: string;
  /** The folder of checkpoints. */
  readonly checkpoints: string;
  /** The run's configuration. */
  readonly config: string;
  /** A link to the last complete checkpoint. */
  readonly final: string;
  /** The log: one JSON row a line. */
  readonly log: string;
  /** The directory itself. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
    this.adapter = `${path}/adapter.json`;
    this.checkpoints = `${path}/checkpoints`;
    this.config = `${path}/config.json`;
    this.final = `${path}/final`;
    this.log = `${path}/log.jsonl`;
  }

  /**
   * Begins a run.
   *
   * @param config Everything that the run depends on, as JSON.
   * @param adapter What is to be known of the device, as JSON.
   * @throws {FileError} If there is a run already, or the file system refuses.
   */
  static async create(path: string, config: unknown, adapter: unknown): Promise<RunDirectory> {
    const run = new RunDirectory(path.replace(/(?<=.)\/+$/, ""));
    if (await exists(run.config)) {
      throw new FileError("write", path, "it must be new, found a run in it; choose another name, or resume this one");
    }
    await withFile("write", path, () => Deno.mkdir(run.checkpoints, { recursive: true }));
    await writeAtomically(run.adapter, jsonText(adapter));
    // Last, as it is the mark of a run.
    await writeAtomically(run.config, jsonText(config));
    return run;
  }

  /**
   * Returns to a run that was begun before.
   *
   * @throws {FileError} If there is none.
   */
  static async open(path: string): Promise<RunDirectory> {
    const run = new RunDirectory(path.replace(/(?<=.)\/+$/, ""));
    if (await exists(run.config)) return run;
    throw new FileError("read", path, "it must be a run directory, found no config.json in it; check the path");
  }

  /** Reads the configuration that the run was begun with. */
  async readConfig(): Promise<unknown> {
    return await readJson(this.config);
  }
}
