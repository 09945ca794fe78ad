/**
 * The text that a model's students learn from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { tokenizerOf } from "../io/model_folder.ts";
import type { Model } from "../model/model.ts";
import { resolveConfig } from "./config.ts";
import type { PretrainOptions } from "./config_schema.ts";
import { prepareData, type TrainingData } from "./data.ts";

/** Which text it is, how it is split, and where its tokens are kept: fields of a run, with a run's defaults. */
export type TextOptions = Pick<
  PretrainOptions,
  "corpus" | "field" | "separator" | "validationFraction" | "splitSeed" | "out"
>;

/**
 * Reads a text in a model's own tokens, split into what students are trained on and what is held out. A run with the same
 * fields that starts from the model, or has it as its teacher, reads the same.
 *
 * @throws {UsageError} If the model came without a tokenizer, or a split has no window of the model's length.
 * @throws {FileError} If the corpus cannot be read.
 */
export async function prepareText(model: Model, options: TextOptions = {}): Promise<TrainingData> {
  const tokenizer = await tokenizerOf(model);
  if (!tokenizer) {
    throw new UsageError("Cannot read a text: the model must come with a tokenizer.json, found none; add its own");
  }
  const { sequence, vocabularySize: vocabulary } = model.config;
  return await prepareData({ ...resolveConfig(options), sequence, vocabulary }, tokenizer, () => {});
}
