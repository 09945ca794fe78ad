/**
 * Whether two measures put the same things in the same order.
 *
 * @module
 */

import { mean } from "../statistics.ts";

/** Two coefficients from -1, the reverse order, to 1, the same order. */
export interface RankCorrelation {
  /** Spearman's rho: Pearson's correlation of the ranks; tied values share the average of their ranks. */
  readonly spearman: number;
  /** Kendall's tau-b, which allows for ties in both measures (Kendall 1945, doi 10.1093/biomet/33.3.239). */
  readonly kendall: number;
}

/**
 * Correlates the ranks of two measures of the same things, `x[i]` and `y[i]`.
 *
 * @throws {RangeError} If the lists differ in length, have a value that is no number, or do not rank anything.
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): RankCorrelation {
  if (x.length !== y.length) {
    throw new RangeError(`Cannot correlate: both lists must be equally long, found ${x.length} and ${y.length} values`);
  }
  for (const values of [x, y]) {
    if (values.some(Number.isNaN)) throw new RangeError("Cannot correlate: every value must be a number, found NaN");
    if (new Set(values).size < 2) {
      throw new RangeError(`Cannot correlate: each list must hold two different values, found [${values.slice(0, 8)}]`);
    }
  }
  return { spearman: pearson(averageRanks(x), averageRanks(y)), kendall: kendall(x, y) };
}

/** Ranks values from 1, the lowest; equal values get the average of the ranks that they take up. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! < values[b]! ? -1 : 1);
  const ranks = values.map(() => 0);
  for (let first = 0, end = 0; first < order.length; first = end) {
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let k = first; k < end; k++) ranks[order[k]!] = (first + 1 + end) / 2;
  }
  return ranks;
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const meanX = mean(x), meanY = mean(y);
  let both = 0, squaresX = 0, squaresY = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - meanX, dy = y[i]! - meanY;
    both += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  return both / Math.sqrt(squaresX * squaresY);
}

function kendall(x: readonly number[], y: readonly number[]): number {
  const order = (values: readonly number[], i: number, j: number) =>
    Number(values[i]! > values[j]!) - Number(values[i]! < values[j]!);
  let agreement = 0, untiedX = 0, untiedY = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const inX = order(x, i, j), inY = order(y, i, j);
      agreement += inX * inY;
      untiedX += inX * inX;
      untiedY += inY * inY;
    }
  }
  return agreement / Math.sqrt(untiedX * untiedY);
}
