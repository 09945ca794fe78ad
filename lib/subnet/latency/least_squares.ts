/**
 * Least squares with coefficients that are not negative.
 *
 * @module
 */

import { range } from "../combinations.ts";
import { solveSymmetric } from "../repair/cholesky.ts";

/** Added to the diagonal of columns of length one, so that columns that depend on each other share a coefficient. */
const RIDGE = 1e-12;

/**
 * Returns the coefficients of at least 0 with which a row's values add up best to its target, by the sum of squares
 * (Lawson and Hanson 1974, "Solving Least Squares Problems", chapter 23).
 *
 * The best ones are the plain solution for those columns whose coefficients are above 0. With few columns all sets of
 * them can be tried, which is exact and needs no tolerance.
 *
 * @param rows As many values each, up to 12.
 * @param targets One for each row.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  columns: number,
): number[] {
  const lengths = range(columns).map((j) => Math.hypot(...rows.map((row) => row[j]!)) || 1);
  const scaled = rows.map((row) => row.map((value, j) => value / lengths[j]!));
  const product = (value: (i: number) => number) => rows.reduce((sum, _, i) => sum + value(i), 0);
  const gram = range(columns).map((j) => range(columns).map((k) => product((i) => scaled[i]![j]! * scaled[i]![k]!)));
  const right = range(columns).map((j) => product((i) => scaled[i]![j]! * targets[i]!));

  let best = Array<number>(columns).fill(0);
  let least = product((i) => targets[i]! ** 2);
  for (let set = 1; set < 2 ** columns; set++) {
    const chosen = range(columns).filter((j) => set >> j & 1);
    const a = Float64Array.from(chosen.flatMap((j) => chosen.map((k) => gram[j]![k]! + (j === k ? RIDGE : 0))));
    const x = Float64Array.from(chosen, (j) => right[j]!);
    solveSymmetric(a, x, chosen.length);
    if (x.some((value) => !(value >= 0))) continue;
    const error = product((i) => (chosen.reduce((sum, j, at) => sum + x[at]! * scaled[i]![j]!, 0) - targets[i]!) ** 2);
    if (error >= least) continue;
    least = error;
    best = Array<number>(columns).fill(0);
    chosen.forEach((j, at) => best[j] = x[at]! / lengths[j]!);
  }
  return best;
}
