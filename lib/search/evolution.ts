/**
 * Evolution inside a bin.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import { ask, type Asking, best } from "./method.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * Bin-constrained evolution: in each generation the best survive and are the parents of all others (the scheme of
 * Once-for-All, Cai et al. 2020, arXiv 1908.09791), and each child is brought into the bin.
 *
 * The level grows with the share of the budget that is spent. Survivors are asked for again in each generation: at the
 * same level this costs nothing, and at a higher one they are evaluated anew, so that only fitnesses of one level are
 * compared.
 */
export function* evolution<G>(breeder: Breeder<G>, options: ResolvedOptions<G>): Asking<G> {
  const { population, elites, levels } = options;
  let level = 0;
  let candidates = breeder.first(population, level);
  for (let generation = 0; candidates.length > 0; generation++) {
    const { scored, progress } = yield* ask({ generation, level, candidates });
    const survivors = best(scored, elites).map(({ genotype }) => genotype);
    const child = () => breeder.child(() => breeder.draws.pick(survivors));
    const before = level;
    level = Math.max(level, Math.min(levels - 1, Math.floor(progress * levels)));
    const children = breeder.fresh(population - survivors.length, level, [child, () => breeder.sample()], survivors);
    if (children.length === 0 && level === before) {
      // Nothing is new here, but a higher level can still tell the survivors apart.
      if (level === levels - 1) return;
      level++;
    }
    candidates = [...survivors, ...children];
  }
}
