/**
 * How much each part of a teacher matters, found by running it over calibration text.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../model/flops.ts";
import type { Model } from "../../model/model.ts";
import type { Importance } from "../orders.ts";
import { activationImportance } from "./activation.ts";
import { taylorImportance } from "./taylor.ts";

/** The ways to score, by name: by the size of activations, or by how the loss would change to first order. */
export const importanceMethods = { activation: activationImportance, taylor: taylorImportance } as const;

/** Name of a way to score. */
export type ImportanceMethod = keyof typeof importanceMethods;

/**
 * Scores every layer, dimension of the residual stream, head, dimension of heads and neuron of a teacher: the higher,
 * the more it matters. Scores of different dimensions have no common unit.
 *
 * @param batches Calibration text: batches of sequences of `sequence + 1` tokens; one sequence each is best.
 * @param method How. @default {"taylor"}
 * @throws {RangeError} If there is no text, it does not fit the model, or the model's blocks differ.
 */
export async function importanceOf(
  teacher: Model,
  batches: readonly (readonly (readonly number[])[])[],
  method: ImportanceMethod = "taylor",
): Promise<Importance> {
  if (batches.length > 0) return await importanceMethods[method](teacher, batches);
  throw new RangeError("Cannot score importance: there must be batches of calibration text, found none");
}

/**
 * Counts the floating-point operations of {@linkcode importanceOf}: of forward passes, and of backward ones where
 * gradients score.
 *
 * @param tokens Tokens of the text that are predicted: one less than a sequence has.
 */
export function importanceFlops(config: GPTNeoXConfig, method: ImportanceMethod, tokens: number): number {
  return tokens * (method === "taylor" ? trainingFlopsPerToken : forwardFlopsPerToken)(config);
}
