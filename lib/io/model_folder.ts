/**
 * Models between a Hugging Face folder and a device.
 *
 * @module
 */

import { loadTokenizer, type Tokenizer } from "../data/tokenizer.ts";
import type { Device } from "../devices/device.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { Model } from "../model/model.ts";
import { type ModelFolderOptions, readModelFolder, writeModelFolder } from "./huggingface.ts";

/**
 * Loads a GPT-NeoX model from a Hugging Face folder onto a device.
 *
 * @throws {FileError} If a file is missing, damaged, or describes another architecture.
 */
export async function loadModel(folder: string, device: Device): Promise<Model> {
  const { config, parameters, tokenizerJson } = await readModelFolder(folder);
  return await Model.create(device, config, parameters, tokenizerJson);
}

/** How a model is saved. */
export interface SaveModelOptions extends ModelFolderOptions {
  /** What a student was cut out of, from `inheritanceJson`: training then compares its own coordinates with a teacher's. */
  readonly subnetJson?: unknown;
}

/** Saves a model as a Hugging Face folder that `transformers` opens; it appears whole or not at all. */
export async function saveModel(model: Model, folder: string, options: SaveModelOptions = {}): Promise<void> {
  const { config, tokenizerJson } = model;
  const { subnetJson } = options;
  const parameters = await model.parameters();
  await writeModelFolder(folder, { config, parameters, tokenizerJson, subnetJson }, options);
}

/**
 * Opens the tokenizer that belongs to a model; the token that the model's config names ends its documents.
 *
 * @returns undefined if the model came without one
 * @throws {TypeError} If it is no tokenizer that can be read.
 * @throws {RangeError} If it does not have the token that the config names.
 */
export async function tokenizerOf(
  { config, tokenizerJson }: {
    readonly config: Pick<GPTNeoXConfig, "vocabularySize" | "eosToken">;
    readonly tokenizerJson?: unknown;
  },
): Promise<Tokenizer | undefined> {
  if (tokenizerJson === undefined) return undefined;
  const { eosToken } = config;
  return await loadTokenizer(tokenizerJson, eosToken === undefined ? {} : { endOfText: eosToken });
}
