/**
 * The weights that a run starts from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { readModelFolder } from "../io/huggingface.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { ParameterValues } from "../model/model.ts";
import { modelConfig, type PretrainConfig } from "./config.ts";

/** A config with the weights and the tokenizer of its `init` folder, where it names one. */
export interface Initial {
  readonly config: PretrainConfig;
  readonly parameters?: ParameterValues;
  readonly tokenizerJson?: unknown;
}

/**
 * Reads the folder that `init` names.
 *
 * @throws {UsageError} If the config describes another model than the folder holds.
 */
export async function readInitial(config: PretrainConfig): Promise<Initial> {
  if (config.init === "random") return { config };
  const { config: found, parameters, tokenizerJson } = await readModelFolder(config.init);
  const expected = modelConfig(config);
  const fields = [
    "vocabularySize",
    "width",
    "layers",
    "heads",
    "mlpWidth",
    "rotaryFraction",
    "parallelResidual",
    "tiedEmbeddings",
    "activation",
  ] as const satisfies readonly (keyof GPTNeoXConfig)[];
  for (const field of fields) {
    if (expected[field] === found[field]) continue;
    throw new UsageError(
      `Cannot start from '${config.init}': '${field}' must be the folder's ${found[field]}, found ${
        expected[field]
      }; ` +
        "describe the same model with --preset and the model flags",
    );
  }
  return { config, parameters, ...(tokenizerJson !== undefined && { tokenizerJson }) };
}
