/**
 * What each part of the method is worth: pairs of arms that differ in one part.
 *
 * @module
 */

import { mean } from "../statistics.ts";
import type { CellResult } from "./results.ts";

/** The effect of a part. */
export interface Ablation {
  /** What the two arms differ in. */
  readonly part: string;
  /** Name of the arm that has it. */
  readonly with: string;
  /** Name of the other. */
  readonly without: string;
  /** Budget. */
  readonly tokens: number;
  /** Seeds that both have. */
  readonly seeds: readonly number[];
  /** Mean of the loss with the part less that without it, in nats a token: below 0 the part helps. */
  readonly difference: number;
}

/** Arms with a part and without it. */
const PARTS: readonly (readonly [part: string, withIt: string, withoutIt: string])[] = [
  ["inheritance", "prefix", "random"],
  ["indices by importance", "importance", "prefix"],
  ["indices spread evenly", "spaced", "prefix"],
  ["repair", "importance", "importance-unrepaired"],
  ["principal axes", "principal", "importance"],
  ["search in coarse-uniform", "evolved-coarse-uniform", "principal"],
  ["search in coarse-layerwise", "evolved-coarse-layerwise", "principal"],
  ["search in fine-uniform", "evolved-fine-uniform", "principal"],
  ["search in fine-layerwise", "evolved-fine-layerwise", "principal"],
  ["search rather than a draw", "evolved-fine-layerwise", "random-fine"],
  ["the found shape alone", "evolved-shape", "random"],
];

/** Lists the effects of all parts for which there are results, the smallest budget first. */
export function ablationsOf(results: readonly CellResult[]): Ablation[] {
  const arms = new Set(results.map(({ arm }) => arm));
  const lessons = [...new Set(results.map(({ start }) => start))].flatMap((start) => [
    ["distillation online", `${start}+online`, start] as const,
    ["hidden states", `${start}+hidden`, `${start}+online`] as const,
    ["distillation from a store", `${start}+store`, start] as const,
  ]);
  const pairs = [...PARTS, ...lessons].filter(([, ...both]) => both.every((arm) => arms.has(arm)));
  const budgets = [...new Set(results.map(({ tokens }) => tokens))].sort((a, b) => a - b);
  return pairs.flatMap(([part, withIt, withoutIt]) =>
    budgets.flatMap((tokens) => {
      const losses = (arm: string) =>
        new Map(
          results.filter((each) => each.arm === arm && each.tokens === tokens).map(({ seed, loss }) => [seed, loss]),
        );
      const [own, other] = [losses(withIt), losses(withoutIt)];
      const seeds = [...own.keys()].filter((seed) => other.has(seed)).sort((a, b) => a - b);
      if (seeds.length === 0) return [];
      const difference = mean(seeds.map((seed) => own.get(seed)! - other.get(seed)!));
      return [{ part, with: withIt, without: withoutIt, tokens, seeds, difference }];
    })
  );
}
