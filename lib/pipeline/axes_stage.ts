/**
 * The stage that brings a teacher into an order in which first indices are the best.
 *
 * @module
 */

import { exists } from "../io/files.ts";
import { loadModel, saveModel } from "../io/model_folder.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import type { Model } from "../model/model.ts";
import { scoreImportance } from "../search/starts.ts";
import { turnable, turnAndSort } from "../subnet/axes/turn_and_sort.ts";
import type { PipelineConfig } from "./config.ts";
import { keepCosts } from "./costs.ts";
import { calibrationWindows } from "./inherit.ts";
import { INHERITANCE } from "./recipe.ts";
import type { OpenTeacher } from "./teacher.ts";

/**
 * Turns the teacher to the principal axes of its stream, sorts its heads and neurons by importance, and keeps it as an
 * ordinary model folder, of which sub-networks are then chosen; or returns it as it is, where its axes are to be kept.
 * One that is there already is read.
 *
 * @param teacher Stays the caller's.
 * @returns What students are cut out of; dispose of it before the teacher.
 * @throws {UsageError} If it cannot be turned.
 */
export async function axesStage(
  directory: PipelineDirectory,
  config: PipelineConfig,
  teacher: OpenTeacher,
): Promise<OpenTeacher> {
  if (config.axes === "given") return { ...teacher, [Symbol.dispose]: () => {} };
  const folder = directory.turned;
  if (!await exists(folder)) {
    const started = performance.now();
    using made = await turnable(config.cutFrom, () => turnedAndSorted(config, teacher), "--axes given");
    await keepCosts(directory, { axes: { flops: made.flops, seconds: (performance.now() - started) / 1000 } });
    await saveModel(made.model, folder);
  }
  // As it was written, so that a pipeline that is resumed goes on with the very same one.
  const model = await loadModel(folder, teacher.device);
  return { ...teacher, folder, model, [Symbol.dispose]: () => model[Symbol.dispose]() };
}

async function turnedAndSorted({ importance }: PipelineConfig, { model, data }: OpenTeacher) {
  const { sequence } = model.config;
  const windows = calibrationWindows(data.train, sequence, INHERITANCE.calibrationTokens);
  const text = { tokens: data.train, limit: windows.length * sequence };
  const score = importance === "none" ? undefined : (turned: Model) => scoreImportance(turned, importance, text);
  return await turnAndSort(model, { windows, score });
}
