/**
 * Activations of a text.
 *
 * @module
 */

import { type DeviceKind, openDevice } from "../devices/mod.ts";
import { exists } from "../io/files.ts";
import { machineOptions } from "../io/machine.ts";
import { loadModel, tokenizerOf } from "../io/model_folder.ts";
import { FileError } from "../io/file_error.ts";
import { activationsOf, type ActivationValues } from "../model/activations.ts";
import { capture } from "../model/forward.ts";
import { Model } from "../model/model.ts";

/** What {@linkcode captureText} captures, and where. */
export interface CaptureTextOptions {
  /** Names of activations: `blocks.3.attention`, `blocks.3.mlp`, `blocks.3`; `activationNames` lists them. */
  readonly capture: readonly string[];
  /** What computes, unless a model is given that is on a device already. @default {"auto"} */
  readonly device?: DeviceKind | undefined;
}

/** What a model computed of a text. */
export interface CapturedText {
  /** The text's tokens. */
  readonly tokens: readonly number[];
  /** The text of each token. */
  readonly pieces: readonly string[];
  /** By name, each `[tokens, size]`. */
  readonly activations: ReadonlyMap<string, ActivationValues>;
}

/**
 * Lets a model read a text and returns some of its activations.
 *
 * @param source A run's directory, whose last checkpoint is taken, a Hugging Face folder, or a loaded model.
 * @param text What it reads, as one sequence.
 * @throws {FileError} If the folder is no model, or has no tokenizer.
 * @throws {RangeError} If there is no such activation, or the text is empty.
 *
 * @example
 * ```ts ignore
 * import { captureText } from "../../mod.ts";
 *
 * const { pieces, activations } = await captureText("runs/small", "We must", { capture: ["blocks.1.attention"] });
 * ```
 */
export async function captureText(
  source: string | Model,
  text: string,
  { capture: names, device: kind = "auto" }: CaptureTextOptions,
): Promise<CapturedText> {
  if (source instanceof Model) return await captureOf(source, text, names, "the model");
  const folder = await exists(`${source}/checkpoints`) ? `${source}/final` : source;
  using device = await openDevice(kind, machineOptions());
  using model = await loadModel(folder, device);
  return await captureOf(model, text, names, folder);
}

async function captureOf(model: Model, text: string, names: readonly string[], from: string): Promise<CapturedText> {
  const tokenizer = await tokenizerOf(model);
  if (!tokenizer) {
    throw new FileError("read", from, "it must come with a tokenizer.json, found none; add the model's own");
  }
  const tokens = [...tokenizer.encode(text)];
  if (tokens.length === 0) throw new RangeError("Cannot capture: 'text' must have at least one token, found none");
  return {
    tokens,
    pieces: tokens.map((token) => tokenizer.decode([token])),
    activations: activationsOf(await capture(model, [tokens], names), tokens.length),
  };
}
