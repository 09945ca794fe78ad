/**
 * Regularised evolution.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking, best } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * Regularised evolution (Real et al. 2019, arXiv 1802.01548): the best of a few members that are drawn, with
 * replacement, is mutated, the child joins the population, and the oldest member leaves it. All candidates are
 * evaluated at the highest level.
 */
export function* regularised<G>(breeder: Breeder<G>, options: ResolvedOptions<G>): Asking<G> {
  const { population, tournament, levels } = options;
  const { draws } = breeder;
  const level = levels - 1;
  let candidates = breeder.first(population, level);
  if (candidates.length === 0) return;
  const { scored: living } = yield* ask({ generation: 0, level, candidates });
  const winner = () => best(Array.from({ length: tournament }, () => draws.pick(living)), 1)[0]!;
  for (let born = living.length;; born++) {
    candidates = breeder.fresh(1, level, [() => breeder.mutate(winner().genotype), () => breeder.sample()]);
    if (candidates.length === 0) return;
    const { scored } = yield* ask({ generation: Math.floor(born / population), level, candidates });
    living.push(...scored);
    living.shift();
  }
}
