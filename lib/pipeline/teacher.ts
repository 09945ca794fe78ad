/**
 * A teacher on a device, with the text that its students learn from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { Device } from "../devices/device.ts";
import { describeDevice, openDevice } from "../devices/mod.ts";
import { machineOptions } from "../io/machine.ts";
import { loadModel, tokenizerOf } from "../io/model_folder.ts";
import type { Model } from "../model/model.ts";
import { prepareData, type TrainingData } from "../train/data.ts";
import type { PipelineConfig } from "./config.ts";

/** A teacher that is ready to be searched. Dispose of it to free the device. */
export interface OpenTeacher extends Disposable {
  readonly device: Device;
  /** Where it lies. */
  readonly folder: string;
  readonly model: Model;
  readonly data: TrainingData;
}

/**
 * Opens the device, loads the teacher and reads the text.
 *
 * @param notice Told what is being prepared, a line at a time.
 * @throws {FileError} If the folder is no model, or the corpus cannot be read.
 * @throws {UsageError} If the teacher has no tokenizer.
 */
export async function openTeacher(config: PipelineConfig, notice: (line: string) => void): Promise<OpenTeacher> {
  using cleanup = new DisposableStack();
  const device = cleanup.use(await openDevice(config.device, machineOptions(config.threads)));
  notice(`device: ${describeDevice(device)}, because ${device.reason}`);
  const model = cleanup.use(await loadModel(config.cutFrom, device));
  const tokenizer = await tokenizerOf(model);
  if (!tokenizer) {
    throw new UsageError(
      `Cannot search '${config.cutFrom}': it must hold a tokenizer.json, found none; add the model's own`,
    );
  }
  const { vocabularySize: vocabulary } = model.config;
  // Its windows are those on which students are judged and repaired.
  const data = await prepareData({ ...config, sequence: model.config.sequence, vocabulary }, tokenizer, notice);
  const disposables = cleanup.move();
  return { device, folder: config.cutFrom, model, data, [Symbol.dispose]: () => disposables.dispose() };
}
