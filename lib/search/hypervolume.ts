/**
 * The quality of a Pareto front as one number.
 *
 * @module
 */

import type { Point } from "./pareto.ts";

/**
 * Returns the area that points dominate up to a reference point, for two objectives that are minimised (Zitzler &
 * Thiele 1998, doi 10.1007/BFb0056872); points that are not better than the reference in both add nothing.
 *
 * @throws {RangeError} If a point or the reference has not exactly two values, all finite.
 */
export function hypervolume(points: readonly Point[], reference: Point): number {
  for (const point of [...points, reference]) {
    if (point.length !== 2 || !point.every(Number.isFinite)) {
      throw new RangeError(`Cannot measure the hypervolume: a point must have two finite values, found [${point}]`);
    }
  }
  const [right, top] = reference as [number, number];
  const inside = points.filter(([x, y]) => x! < right && y! < top).sort(([a], [b]) => a! - b!);
  let area = 0, floor = top;
  for (const [x, y] of inside) {
    if (y! >= floor) continue;
    area += (right - x!) * (floor - y!);
    floor = y!;
  }
  return area;
}
