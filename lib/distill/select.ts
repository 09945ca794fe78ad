/**
 * What of a distribution is kept.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { Entries } from "./store/records.ts";

/**
 * Takes the `k` most likely tokens, the most likely one first and of equals the first ones, and the rest of the mass.
 *
 * @param probabilities Of each token of the vocabulary.
 * @param into A row of entries.
 */
export function selectTop(probabilities: Float32Array, k: number, { ids, masses }: Entries): void {
  let count = 0, least = -1, rest = 0;
  for (let id = 0; id < probabilities.length; id++) {
    const p = probabilities[id]!;
    if (p <= least) {
      rest += p;
      continue;
    }
    // It goes where it belongs among the largest so far; of `k` of them the least falls out.
    if (count === k) rest += least;
    let i = count < k ? count++ : k - 1;
    for (; i > 0 && masses[i - 1]! < p; i--) {
      masses[i] = masses[i - 1]!;
      ids[i] = ids[i - 1]!;
    }
    masses[i] = p;
    ids[i] = id;
    if (count === k) least = masses[k - 1]!;
  }
  masses[k] = rest;
}

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
