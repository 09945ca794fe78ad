/**
 * What of a distribution is kept.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { Entries } from "./store/records.ts";

/**
 * Takes the `k` most likely tokens of each row, the first ones of equals, and the rest of its mass.
 *
 * @param probabilities `[rows, vocabulary]`.
 * @param into Gets the rows from `first` on.
 */
export function selectTop(probabilities: Float32Array, vocabulary: number, k: number, into: Entries, first: number) {
  const { ids, masses } = into;
  for (let from = 0, row = first; from < probabilities.length; from += vocabulary, row++) {
    const at = row * k, masses_ = row * (k + 1);
    let count = 0, least = -1;
    let rest = 0;
    for (let id = 0; id < vocabulary; id++) {
      const p = probabilities[from + id]!;
      if (p <= least) {
        rest += p;
        continue;
      }
      // Insertion into the few that are the largest so far, the largest first; the least one falls out.
      let i = count < k ? count++ : k - 1;
      if (i === k - 1 && least >= 0) rest += masses[masses_ + i]!;
      for (; i > 0 && masses[masses_ + i - 1]! < p; i--) {
        masses[masses_ + i] = masses[masses_ + i - 1]!;
        ids[at + i] = ids[at + i - 1]!;
      }
      masses[masses_ + i] = p;
      ids[at + i] = id;
      if (count === k) least = masses[masses_ + k - 1]!;
    }
    masses[masses_ + k] = rest;
  }
}

/**
 * Draws `k` tokens of each row with replacement, each with its probability, and weighs those that were drawn with their
 * share of the draws: random sampling of Anshumann et al. 2025 (arXiv 2503.16870), whose proposal is the teacher itself.
 * Shares are unbiased estimates of probabilities; there is no rest.
 *
 * @param random The stream of the window; position `i` of it takes the draws from `i k` on.
 * @param position The window's position of the first row.
 */
export function drawTokens(
  probabilities: Float32Array,
  vocabulary: number,
  k: number,
  into: Entries,
  first: number,
  random: Random,
  position: number,
): void {
  const { ids, masses } = into;
  const upTo = new Float64Array(vocabulary);
  const draws = new Float64Array(k);
  for (let from = 0, row = first; from < probabilities.length; from += vocabulary, row++, position++) {
    let total = 0;
    for (let id = 0; id < vocabulary; id++) upTo[id] = total += probabilities[from + id]!;
    for (let i = 0; i < k; i++) draws[i] = random.uniform(position * k + i) * total;
    draws.sort();
    masses.fill(0, row * (k + 1), (row + 1) * (k + 1));
    let distinct = 0;
    for (let i = 0; i < k; i++) {
      const id = firstAbove(upTo, draws[i]!);
      if (distinct === 0 || ids[row * k + distinct - 1] !== id) ids[row * k + distinct++] = id;
      masses[row * (k + 1) + distinct - 1]! += 1 / k;
    }
  }
}

/** Finds the first of rising values that is above a value. */
function firstAbove(values: Float64Array, value: number): number {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
