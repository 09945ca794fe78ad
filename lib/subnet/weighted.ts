/**
 * Draws that favour some values.
 *
 * @module
 */

import type { Draws } from "../draws.ts";

/**
 * Draws one of several values with probabilities in proportion to weights, in one draw.
 *
 * @param values At least one.
 * @param weightOf A finite weight above 0.
 */
export function pickWeighted<T>(values: readonly T[], weightOf: (value: T) => number, draws: Draws): T {
  const weights = values.map(weightOf);
  let left = draws.uniform() * weights.reduce((sum, weight) => sum + weight);
  const at = weights.findIndex((weight) => (left -= weight) < 0);
  // Rounding may leave a remainder behind the last value.
  return values.at(at)!;
}

/**
 * Draws one of several numbers above 0 with probabilities in proportion to their inverses: log-uniform where they are
 * evenly spaced.
 */
export function pickLogUniform(values: readonly number[], draws: Draws): number {
  return pickWeighted(values, (value) => 1 / value, draws);
}
