/**
 * What students of a study are made with: a device, the teacher and the text.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { openDevice } from "../devices/mod.ts";
import { machineOptions } from "../io/machine.ts";
import { loadModel, tokenizerOf } from "../io/model_folder.ts";
import type { StudyDirectory } from "../io/study_directory.ts";
import { resolveConfig } from "../train/config.ts";
import { prepareData } from "../train/data.ts";
import type { StudyConfig } from "./config.ts";
import type { StudentOptions } from "./student.ts";

/** Opens them; whoever called disposes of them. */
export type OpenTools = () => Promise<StudentOptions & Disposable>;

/**
 * Opens the device, loads the teacher and reads the default corpus with its tokenizer.
 *
 * @throws {FileError} If the teacher is no model.
 * @throws {UsageError} If it has no tokenizer.
 */
export async function openTools(config: StudyConfig, directory: StudyDirectory): Promise<StudentOptions & Disposable> {
  using cleanup = new DisposableStack();
  const device = cleanup.use(await openDevice(config.device, machineOptions(config.threads)));
  const teacher = cleanup.use(await loadModel(config.teacher, device));
  const { vocabularySize: vocabulary, sequence } = teacher.config;
  const settings = { ...resolveConfig(), vocabulary, sequence, out: directory.runs };
  const tokenizer = await tokenizerOf(teacher);
  if (!tokenizer) {
    throw new UsageError(
      `Cannot study '${config.teacher}': it must hold a tokenizer.json, found none; add the model's own`,
    );
  }
  const data = await prepareData(settings, tokenizer, () => {});
  const disposables = cleanup.move();
  return { teacher, data, config, [Symbol.dispose]: () => disposables.dispose() };
}
