/**
 * Random search inside a bin.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * Random search: members drawn at random and brought into the bin, all at the highest level. The baseline that every
 * other method must beat.
 */
export function* random<G>(breeder: Breeder<G>, { population, levels }: ResolvedOptions<G>): Asking<G> {
  const level = levels - 1;
  for (let generation = 0;; generation++) {
    const candidates = breeder.fresh(population, level, [() => breeder.sample()]);
    if (candidates.length === 0) return;
    yield* ask({ generation, level, candidates });
  }
}
