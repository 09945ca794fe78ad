/**
 * What a run's directory holds.
 *
 * @module
 */

import { exists } from "../io/files.ts";
import { readJson } from "../io/json.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { readLog } from "../io/run_log.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import type { SubNetworkRow } from "../search/sub_network_row.ts";
import type { Dimensions } from "../subnet/dimensions.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { TrainRow } from "../train/records.ts";
import { readCosts, startFlops } from "./costs.ts";
import type { Result } from "./result.ts";
import { readTeacherSizes } from "./teacher_sizes.ts";

/** What a run's directory holds. */
export interface RunFiles {
  /** The directory. */
  readonly path: string;
  /** The settings of its training. */
  readonly config: Readonly<Record<string, unknown>>;
  /** All settings, if its student was cut out of a teacher. */
  readonly pipeline?: Readonly<Record<string, unknown>>;
  /** The device. */
  readonly device: string;
  /** The log. */
  readonly rows: readonly TrainRow[];
  /** Rows of the search, if there was one. */
  readonly search: readonly SubNetworkRow[];
  /** What the student kept, if it was cut out of a teacher. */
  readonly subNetwork?: SubNetwork;
  /** Sizes of that teacher, where its folder is still there. */
  readonly teacher?: Dimensions;
  /** FLOPs spent on the student before training. */
  readonly startFlops: number;
  /** What was reached, once the run has ended. */
  readonly result?: Result;
}

/**
 * Reads what a run has left so far.
 *
 * @throws {FileError} If there is no run, or one of its files is damaged.
 */
export async function readRunFiles(path: string): Promise<RunFiles> {
  const run = await RunDirectory.open(path);
  const directory = new PipelineDirectory(run.path);
  const subNetwork = `${directory.inherited}/subnet.json`;
  const pipeline = await directory.read(directory.config) as RunFiles["pipeline"];
  const result = await directory.read(directory.result) as Result | undefined;
  const teacher = await readTeacherSizes(
    pipeline ? [directory.turned, String(pipeline.cutFrom ?? pipeline.teacher)] : [],
  );
  const { name = "unknown" } = await exists(run.adapter) ? await readJson(run.adapter) as { name?: string } : {};
  return {
    path: run.path,
    config: await run.readConfig() as RunFiles["config"],
    device: name,
    rows: await readLog(run.log) as unknown as TrainRow[],
    search: await new SearchDirectory(directory.search).readRows<SubNetworkRow>(),
    startFlops: startFlops(await readCosts(directory)),
    ...(pipeline && { pipeline }),
    ...(teacher && { teacher }),
    ...(await exists(subNetwork) && { subNetwork: await readJson(subNetwork) as SubNetwork }),
    ...(result && { result }),
  };
}
