/**
 * What of a distribution is kept, by drawing.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { Entries } from "./store/records.ts";

/**
 * Draws `k` tokens with replacement, each with its probability, and weighs those that were drawn with their share of the
 * draws: random sampling of Anshumann et al. 2025 (arXiv 2503.16870), whose proposal is the teacher itself. Shares are
 * unbiased estimates of the probabilities, and leave no rest.
 *
 * @param probabilities Of each token of the vocabulary.
 * @param into A row of entries.
 * @param random Its draws from `counter` on are used.
 */
export function drawTokens(
  probabilities: Float32Array,
  k: number,
  { ids, masses }: Entries,
  random: Random,
  counter: number,
): void {
  let total = 0;
  for (let id = 0; id < probabilities.length; id++) total += probabilities[id]!;
  const draws = Float64Array.from({ length: k }, (_, i) => random.uniform(counter + i) * total).sort();
  masses.fill(0);
  let distinct = 0, upTo = 0, drawn = 0;
  for (let id = 0; id < probabilities.length && drawn < k; id++) {
    upTo += probabilities[id]!;
    const before = drawn;
    while (drawn < k && draws[drawn]! < upTo) drawn++;
    if (drawn === before) continue;
    ids[distinct] = id;
    masses[distinct++] = (drawn - before) / k;
  }
}
