import { assertEquals } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import {
  crowdedOrder,
  crowdingDistances,
  dominates,
  nonDominatedSort,
  paretoFront,
  type Point,
} from "../../lib/search/pareto.ts";

/** Points on a coarse grid, so that many share a coordinate and some are equal. */
function manyTies(draws: Draws, count: number, objectives: number): Point[] {
  return Array.from({ length: count }, () => Array.from({ length: objectives }, () => draws.below(6)));
}

/** Peels fronts one by one by the definition: nobody is at least as good everywhere without being equal. */
function peel(points: readonly Point[]): number[][] {
  const fronts: number[][] = [];
  let left = points.map((_, i) => i);
  while (left.length > 0) {
    const beaten = left.filter((i) =>
      left.some((j) => {
        const differences = points[i]!.map((value, k) => value - points[j]![k]!);
        return Math.min(...differences) >= 0 && Math.max(...differences) > 0;
      })
    );
    fronts.push(left.filter((i) => !beaten.includes(i)));
    left = beaten;
  }
  return fronts;
}

Deno.test("a point dominates those that are worse somewhere and better nowhere", () => {
  assertEquals(dominates([1, 2], [1, 3]), true);
  assertEquals(dominates([1, 2], [1, 2]), false);
  assertEquals(dominates([1, 3], [2, 2]), false);
  assertEquals(dominates([2, 2], [1, 2]), false);
});

Deno.test("equal points all stay on the front", () => {
  assertEquals(paretoFront([[1, 5], [3, 3], [1, 5], [3, 4], [5, 1], [3, 3]]), [0, 1, 2, 4, 5]);
  assertEquals(paretoFront([]), []);
});

Deno.test("fronts are those that peeling by the definition gives, on points with many ties", () => {
  const draws = new Draws(1, "points");
  for (let trial = 0; trial < 60; trial++) {
    const points = manyTies(draws, draws.below(40), 1 + draws.below(3));
    const expected = peel(points);
    assertEquals(nonDominatedSort(points), expected);
    assertEquals(paretoFront(points), expected[0] ?? []);
  }
});

Deno.test("a crowding distance is the sum of the neighbours' distances as shares of the extents", () => {
  // By hand: extents 8 and 10; the second point has (4 - 0) / 8 + (10 - 4) / 10, the third (8 - 1) / 8 + (7 - 0) / 10.
  assertEquals(crowdingDistances([[0, 10], [1, 7], [4, 4], [8, 0]]), [Infinity, 1.1, 1.575, Infinity]);
  // The order in which points are given says nothing.
  assertEquals(crowdingDistances([[4, 4], [8, 0], [1, 7], [0, 10]]), [1.575, Infinity, 1.1, Infinity]);
});

Deno.test("crowding distances of one, two, equal and half-equal points are defined", () => {
  assertEquals(crowdingDistances([]), []);
  assertEquals(crowdingDistances([[1, 1]]), [Infinity]);
  assertEquals(crowdingDistances([[1, 2], [2, 1]]), [Infinity, Infinity]);
  assertEquals(crowdingDistances([[1, 1], [1, 1], [1, 1]]), [Infinity, 0, Infinity]);
  assertEquals(crowdingDistances([[1, 0], [1, 1], [1, 2]]), [Infinity, 1, Infinity]);
});

Deno.test("the crowded order puts earlier fronts first, and lonelier points first within them", () => {
  // The first front is the one above, with its distances; the second is [5, 9], [9, 5] and, between them, [6, 8].
  const points = [[4, 4], [6, 8], [8, 0], [9, 5], [1, 7], [5, 9], [0, 10]];
  assertEquals(crowdedOrder(points), [2, 6, 0, 4, 3, 5, 1]);
});
