/**
 * Where a pipeline's run finds what it begins from and what it learns from.
 *
 * @module
 */

import { exists } from "../io/files.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { comparesHidden } from "../train/schedule.ts";
import type { PipelineConfig } from "./config.ts";

/** What a run is given as `init` and `teacher`. */
export interface RunPlaces {
  readonly init: string;
  readonly teacher: string;
}

/** Names them. Hidden states are compared in the coordinates that the student was cut out of: those of the turned teacher. */
export function placesOf(
  config: Pick<PipelineConfig, "axes" | "gamma" | "teacher" | "cutFrom">,
  { inherited, turned }: PipelineDirectory,
): RunPlaces {
  const isTurned = config.axes === "principal" && comparesHidden(config) && config.teacher === config.cutFrom;
  return { init: inherited, teacher: isTurned ? turned : config.teacher };
}

/** Tells the run of a directory that was moved where they are now. */
export async function followMove(directory: PipelineDirectory, places: RunPlaces): Promise<void> {
  const path = `${directory.path}/config.json`;
  const stored = await directory.read(path) as RunPlaces;
  if (stored.init === places.init || await exists(stored.init)) return;
  await directory.write(path, { ...stored, ...places });
}
