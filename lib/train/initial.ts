/**
 * The weights that a run starts from.
 *
 * @module
 */

import { toFlag } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { FileError } from "../io/file_error.ts";
import { readModelFolder, type StoredModel } from "../io/huggingface.ts";
import { queryGroupsOf } from "../model/block_shape.ts";
import { blockShapes } from "../model/blocks.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { type ConfigSources, type PretrainConfig, type PretrainOptions, resolveConfig } from "./config.ts";
import { notFinite } from "./finite.ts";

/** A model from a folder. */
export interface Initial extends StoredModel {
  readonly folder: string;
}

/** Fields of the model that a config can name and that a folder decides. */
const FIXED = [
  "width",
  "layers",
  "heads",
  "mlpWidth",
  "rotaryFraction",
  "parallelResidual",
  "tiedEmbeddings",
  "activation",
] as const satisfies readonly (keyof StoredModel["config"] & keyof PretrainConfig)[];

/**
 * Reads the folder that `init` names.
 *
 * @param init A Hugging Face folder, or "random" for none.
 * @throws {FileError} If it is no model, or one of its weights is not finite.
 */
export async function readInitial(init: string): Promise<Initial | undefined> {
  return init === "random" ? undefined : await readFiniteModel(init);
}

/**
 * Reads a model whose weights are all numbers.
 *
 * @throws {FileError} If the folder is no model, or one of its weights is not finite.
 */
export async function readFiniteModel(folder: string): Promise<Initial> {
  const model = await readModelFolder(folder);
  const broken = notFinite(model.parameters);
  if (broken) throw new FileError("read", folder, `weights must be finite, found ${broken}; use another folder`);
  return { ...model, folder };
}

/**
 * Resolves the config of a run that starts from a folder: the model's shape is the folder's, and need not be given.
 *
 * @throws {UsageError} If a given field contradicts the folder.
 */
export function configOfFolder(initial: Initial, options: PretrainOptions, sources: ConfigSources): PretrainConfig {
  const { config: model, folder, tokenizerJson } = initial;
  const shape: PretrainOptions = {
    ...Object.fromEntries(FIXED.map((field) => [field, model[field]])),
    vocabulary: model.vocabularySize,
    queryGroups: nominalGroups(model),
    sequence: model.sequence,
  };
  const config = resolveConfig({ ...shape, ...known(options) }, sources);
  const refuse = (field: string, rule: string, found: unknown, wayOut: string) => {
    throw new UsageError(
      `Cannot start from '${folder}': --${toFlag(field)} must be ${rule}, found ${found}; ${wayOut}`,
    );
  };
  for (const field of ["vocabulary", "queryGroups", ...FIXED] as const) {
    if (config[field] !== shape[field]) refuse(field, `the folder's ${shape[field]}`, config[field], "leave it out");
  }
  if (config.sequence > model.sequence) {
    refuse("sequence", `at most the folder's ${model.sequence}`, config.sequence, "lower it, or leave it out");
  }
  if (tokenizerJson === undefined && config.tokenizer === "train") {
    throw new UsageError(
      `Cannot start from '${folder}': its weights need the tokenizer they were trained with, found no tokenizer.json ` +
        "in it; name one with --tokenizer",
    );
  }
  return config;
}

/** Leaves out fields that are undefined, which would hide what they do not replace. */
export function known(options: PretrainOptions): PretrainOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The query groups of all blocks; where blocks differ, as many as heads, as the config can name no others. */
function nominalGroups(model: GPTNeoXConfig): number {
  const [groups, ...others] = new Set(blockShapes(model).map(queryGroupsOf));
  return others.length === 0 && model.heads % groups! === 0 ? groups! : model.heads;
}
