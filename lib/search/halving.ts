/**
 * Successive halving.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking, best, type Scored } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";

/** What one round of halving needs. */
export interface Round<G> {
  /** Generation of all its questions. */
  readonly generation: number;
  /** Who begins at level 0. */
  readonly candidates: readonly G[];
  /** Number of levels. */
  readonly levels: number;
  /** Share of the candidates that goes on to the next level; at least one does. */
  readonly keep: number;
}

/**
 * Evaluates candidates at the lowest level and promotes the best share of them, level by level (Jamieson & Talwalkar
 * 2016, arXiv 1502.07943).
 *
 * @returns Those who reached the highest level, with their fitnesses there, best first.
 */
export function* halve<G>({ generation, candidates, levels, keep }: Round<G>): Asking<G, Scored<G>[]> {
  let standing: Scored<G>[] = [];
  for (let level = 0; level < levels; level++) {
    const promoted = Math.max(1, Math.round(keep * standing.length));
    const asked = level === 0 ? candidates : standing.slice(0, promoted).map(({ genotype }) => genotype);
    const { scored } = yield* ask({ generation, level, candidates: asked });
    standing = best(scored, scored.length);
  }
  return standing;
}

/** Successive halving as a method: round after round, each with `population` new members drawn at random. */
export function* halving<G>(breeder: Breeder<G>, { population, levels, keep }: ResolvedOptions<G>): Asking<G> {
  for (let generation = 0;; generation++) {
    const candidates = breeder.first(population, 0);
    if (candidates.length === 0) return;
    yield* halve({ generation, candidates, levels, keep });
  }
}
