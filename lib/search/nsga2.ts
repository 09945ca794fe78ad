/**
 * NSGA-II.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking, type Scored } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";
import { crowdedOrder } from "./pareto.ts";

/**
 * NSGA-II (Deb et al. 2002, doi 10.1109/4235.996017) over fitness and cost, for a whole front instead of one member:
 * parents and children together are ordered by front and, within a front, by crowding distance; the first ones survive
 * and win the binary tournaments for the next children. All candidates are evaluated at the highest level.
 */
export function* nsga2<G>(breeder: Breeder<G>, { population, levels }: ResolvedOptions<G>): Asking<G> {
  const { draws } = breeder;
  const level = levels - 1;
  let survivors: Scored<G>[] = [];
  let candidates = breeder.first(population, level);
  for (let generation = 0; candidates.length > 0; generation++) {
    const { scored } = yield* ask({ generation, level, candidates });
    const all = [...survivors, ...scored];
    const points = all.map(({ genotype, fitness }) => [fitness, breeder.costOf(genotype)]);
    survivors = crowdedOrder(points).slice(0, population).map((i) => all[i]!);
    const winner = () => survivors[Math.min(draws.below(survivors.length), draws.below(survivors.length))]!.genotype;
    candidates = breeder.fresh(population, level, [() => breeder.child(winner), () => breeder.sample()]);
  }
}
