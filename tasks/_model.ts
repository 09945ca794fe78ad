import { UsageError } from "../lib/cli/usage_error.ts";
import type { Tokenizer } from "../lib/data/tokenizer.ts";
import type { Device } from "../lib/devices/device.ts";
import { exists } from "../lib/io/files.ts";
import { loadModel, tokenizerOf } from "../lib/io/model_folder.ts";
import type { Model } from "../lib/model/model.ts";

/**
 * Loads a model with the tokenizer that lies beside it.
 *
 * @throws {UsageError} If the folder is a run, or has no tokenizer.
 * @throws {FileError} If it is no model.
 */
export async function openModel(folder: string, device: Device): Promise<{ model: Model; tokenizer: Tokenizer }> {
  if (await exists(`${folder}/checkpoints`)) {
    throw new UsageError(`Cannot load '${folder}': it must be a model, found a run; its model is '${folder}/final'`);
  }
  const model = await loadModel(folder, device);
  const tokenizer = await tokenizerOf(model);
  if (!tokenizer) {
    model[Symbol.dispose]();
    throw new UsageError(`Cannot load '${folder}': it must hold a tokenizer.json, found none; add the model's own`);
  }
  return { model, tokenizer };
}
