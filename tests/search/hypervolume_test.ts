import { assertEquals, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { hypervolume } from "../../lib/search/hypervolume.ts";

Deno.test("the hypervolume of a hand-drawn staircase is its area", () => {
  assertEquals(hypervolume([[1, 3], [2, 2], [3, 1]], [4, 4]), 6);
  assertEquals(hypervolume([], [4, 4]), 0);
  assertEquals(hypervolume([[0, 0]], [4, 5]), 20);
});

Deno.test("the hypervolume of points on a grid is the number of cells that one of them dominates", () => {
  const draws = new Draws(2, "points");
  for (let trial = 0; trial < 60; trial++) {
    const points = Array.from({ length: draws.below(12) }, () => [draws.below(24) - 2, draws.below(24) - 2]);
    const reference = [4 + draws.below(16), 4 + draws.below(16)];
    let cells = 0;
    for (let x = -2; x < reference[0]!; x++) {
      for (let y = -2; y < reference[1]!; y++) {
        if (points.some(([px, py]) => px! <= x && py! <= y)) cells++;
      }
    }
    assertEquals(hypervolume(points, reference), cells);
  }
});

Deno.test("a hypervolume of anything but two finite objectives is refused", () => {
  const rule = "Cannot measure the hypervolume: a point must have two finite values, found";
  assertThrows(() => hypervolume([[1, 2, 3]], [4, 4]), RangeError, `${rule} [1,2,3]`);
  assertThrows(() => hypervolume([[1, NaN]], [4, 4]), RangeError, `${rule} [1,NaN]`);
  assertThrows(() => hypervolume([[1, 2]], [4, Infinity]), RangeError, `${rule} [4,Infinity]`);
});
