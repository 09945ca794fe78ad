/**
 * What can be said of a tensor's values in a line.
 *
 * @module
 */

/** A tensor's values in a few numbers; those that are not finite are counted and left out of the rest. */
export interface TensorSummary {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  /** Standard deviation of the values themselves, not an estimate from a sample. */
  readonly deviation: number;
  /** How many are infinite or no number. */
  readonly notFinite: number;
}

/** Sums up values, in float64. Of no finite value all numbers but the count are 0. */
export function summarise(values: ArrayLike<number>): TensorSummary {
  let [least, most, sum, count] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    count++;
  }
  if (count === 0) return { least: 0, most: 0, mean: 0, deviation: 0, notFinite: values.length };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) squares += (values[i]! - mean) ** 2;
  return { least, most, mean, deviation: Math.sqrt(squares / count), notFinite: values.length - count };
}
