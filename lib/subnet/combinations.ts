/**
 * Small combinatorics: ranges, subsets of a size, products, and how many there are.
 *
 * @module
 */

/** Returns 0, 1, ..., count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Counts the subsets of size `count` of `of` things: exactly below 2^53, rounded above, infinity at last. */
export function binomial(of: number, count: number): number {
  const fewer = Math.min(count, of - count);
  let subsets = 1;
  for (let i = 1; i <= fewer; i++) {
    // What i shares with the next factor is divided out first, so that no product exceeds the result.
    const factor = of - fewer + i;
    const shared = greatestCommonDivisor(factor, i);
    subsets = subsets / (i / shared) * (factor / shared);
  }
  return subsets;
}

/** Lists the subsets of size `count` of 0, ..., of - 1, each ascending. */
export function* combinations(of: number, count: number): Generator<number[]> {
  if (count === 0) yield [];
  else {
    for (let last = count - 1; last < of; last++) {
      for (const before of combinations(last, count - 1)) yield [...before, last];
    }
  }
}

/** Lists every way to take one value of each of several sequences, which are gone through anew each time. */
export function* product<T>(sequences: readonly (() => Iterable<T>)[]): Generator<T[]> {
  const [first, ...others] = sequences;
  if (!first) yield [];
  else for (const value of first()) for (const rest of product(others)) yield [value, ...rest];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
