/**
 * Trade-offs between objectives, all of which are minimised.
 *
 * @module
 */

/** A value for each objective, lower is better. */
export type Point = readonly number[];

/** Tells whether `a` is at least as good as `b` in all objectives and better in one. */
export function dominates(a: Point, b: Point): boolean {
  return a.every((value, i) => value <= b[i]!) && a.some((value, i) => value < b[i]!);
}

/** Returns the indices of the points that no other point dominates, in ascending order; equal points all stay. */
export function paretoFront(points: readonly Point[]): number[] {
  const indices = points.map((_, i) => i);
  return indices.filter((i) => !points.some((other) => dominates(other, points[i]!)));
}

/**
 * Sorts points into fronts: the first is the Pareto front, each further one that of the points which are left (fast
 * non-dominated sorting, Deb et al. 2002, doi 10.1109/4235.996017).
 *
 * @returns The indices of each front's points, in ascending order.
 */
export function nonDominatedSort(points: readonly Point[]): number[][] {
  const dominated = points.map((a) => points.flatMap((b, j) => dominates(a, b) ? [j] : []));
  const dominators = points.map(() => 0);
  for (const worse of dominated) for (const j of worse) dominators[j]!++;
  const fronts: number[][] = [];
  let front = dominators.flatMap((count, i) => count === 0 ? [i] : []);
  while (front.length > 0) {
    fronts.push(front);
    const next: number[] = [];
    for (const i of front) {
      for (const j of dominated[i]!) if (--dominators[j]! === 0) next.push(j);
    }
    front = next.sort((a, b) => a - b);
  }
  return fronts;
}

/**
 * Orders points by Deb's crowded comparison: earlier fronts first, and within a front lonelier points first.
 *
 * @returns The indices of all points; of those that compare equal, the lower index comes first.
 */
export function crowdedOrder(points: readonly Point[]): number[] {
  return nonDominatedSort(points).flatMap((front) => {
    const distances = crowdingDistances(front.map((i) => points[i]!));
    const order = front.map((_, k) => k);
    order.sort((a, b) => distances[a] === distances[b] ? 0 : distances[b]! - distances[a]!);
    return order.map((k) => front[k]!);
  });
}

/**
 * Returns how lonely each point of a front is: the sum over objectives of the distance between its two neighbours, as a
 * share of the front's extent; infinite for the first and the last point in an objective (Deb et al. 2002).
 */
export function crowdingDistances(front: readonly Point[]): number[] {
  const distances = front.map(() => 0);
  for (let objective = 0; objective < (front[0]?.length ?? 0); objective++) {
    const value = (i: number) => front[i]![objective]!;
    const order = front.map((_, i) => i).sort((a, b) => value(a) - value(b));
    const first = order[0]!, last = order.at(-1)!;
    const extent = value(last) - value(first);
    distances[first] = distances[last] = Infinity;
    // All points are equal in this objective, so that it tells nobody apart.
    if (extent === 0) continue;
    for (let k = 1; k < order.length - 1; k++) {
      distances[order[k]!]! += (value(order[k + 1]!) - value(order[k - 1]!)) / extent;
    }
  }
  return distances;
}
