/**
 * Random search over a range of costs.
 *
 * @module
 */

import { splitBin } from "./bin.ts";
import type { Breeder } from "./breeder.ts";
import { ask, type Asking } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * Stratified random search: the bin, or without one the costs from the smallest to the largest member, is cut into
 * strata of equal width, which take turns. A stratum in which nothing new is found is left out from then on. All
 * candidates are evaluated at the highest level.
 */
export function* stratified<G>(breeder: Breeder<G>, options: ResolvedOptions<G>): Asking<G> {
  const { population, levels } = options;
  const level = levels - 1;
  let strata = splitBin(breeder.range, options.strata);
  for (let generation = 0;; generation++) {
    const candidates: G[] = [];
    while (candidates.length < population && strata.length > 0) {
      const [stratum, ...others] = strata;
      const found = breeder.fresh(1, level, [() => breeder.sample(stratum)], candidates);
      candidates.push(...found);
      strata = found.length > 0 ? [...others, stratum!] : others;
    }
    if (candidates.length === 0) return;
    yield* ask({ generation, level, candidates });
  }
}
