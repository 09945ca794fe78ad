/**
 * How it is said what a search judges by.
 *
 * @module
 */

import type { FitnessName } from "./sub_network_config.ts";

/** How one kind of fitness is spoken of. */
export interface FitnessWords {
  /** What the number is, in nats a token. */
  readonly phrase: string;
  /** What leads from the phrase to a number of tokens. */
  readonly on: string;
  /** What a candidate is on a higher rung. */
  readonly higher: string;
}

/** How each kind of fitness is spoken of. */
export const fitnessWords: Readonly<Record<FitnessName, FitnessWords>> = {
  loss: { phrase: "loss before any training", on: ", on", higher: "judged on more text" },
  kl: { phrase: "divergence from the teacher before any training", on: ", on", higher: "judged on more text" },
  repaired: { phrase: "loss after a repair", on: ", each on a half of", higher: "judged on more text" },
  trained: { phrase: "loss after training", on: " on", higher: "trained on more tokens" },
};

/** Returns what an axis of fitness shows, with its unit; the unit alone where it is not known what was judged by. */
export function fitnessAxis(fitness: FitnessName | undefined): string {
  return fitness === undefined ? "nats per token" : `${fitnessWords[fitness].phrase}, nats per token`;
}

/** Returns what a stored search judged by, or undefined where its settings do not say. */
export function storedFitness({ fitness }: Readonly<Record<string, unknown>>): FitnessName | undefined {
  return typeof fitness === "string" && Object.hasOwn(fitnessWords, fitness) ? fitness as FitnessName : undefined;
}
