/**
 * Local search.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking, best, type Scored } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";
import { paretoFront } from "./pareto.ts";

/**
 * Local search: each candidate is a mutation of the best one so far, or of a member drawn from the front over fitness
 * and cost. Where all neighbours are known, it starts again from a random member. All candidates are evaluated at the
 * highest level.
 */
export function* local<G>(breeder: Breeder<G>, options: ResolvedOptions<G>): Asking<G> {
  const { population, levels, parents } = options;
  const level = levels - 1;
  const select = (scored: Scored<G>[]) => parents === "best" ? best(scored, 1) : frontOf(breeder, scored);
  let current: Scored<G>[] = [];
  for (let asked = 0;; asked++) {
    let candidates = current.length === 0
      ? []
      : breeder.fresh(1, level, [() => breeder.mutate(breeder.draws.pick(current).genotype)]);
    if (candidates.length === 0) {
      current = [];
      candidates = breeder.first(1, level);
    }
    if (candidates.length === 0) return;
    const { scored } = yield* ask({ generation: Math.floor(asked / population), level, candidates });
    current = select([...current, ...scored]);
  }
}

function frontOf<G>(breeder: Breeder<G>, scored: readonly Scored<G>[]): Scored<G>[] {
  const points = scored.map(({ genotype, fitness }) => [fitness, breeder.costOf(genotype)]);
  return paretoFront(points).map((i) => scored[i]!);
}
