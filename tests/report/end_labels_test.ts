import { assertAlmostEquals, assertEquals } from "@std/assert";
import { moveApart } from "../../lib/report/end_labels.ts";

Deno.test("labels that are apart stay where they are", () => {
  assertEquals(moveApart([10, 50, 100], 17, 0, 200), [10, 50, 100]);
});

Deno.test("labels at one height are moved apart around it, in their order", () => {
  assertEquals(moveApart([100, 100, 100], 10, 0, 200), [90, 100, 110]);
  assertEquals(moveApart([100, 20, 99], 10, 0, 200), [104.5, 20, 94.5]);
});

Deno.test("labels stay inside the frame, and apart, as long as they fit", () => {
  assertEquals(moveApart([0, 1, 2], 10, 5, 200), [5, 15, 25]);
  assertEquals(moveApart([198, 199, 200], 10, 0, 200), [180, 190, 200]);
});

Deno.test("labels move no further than they must: no shift of a few of them is better", () => {
  const heights = [3, 8, 11, 40, 41, 41, 90];
  const moved = moveApart(heights, 12, -100, 300);
  const cost = (places: readonly number[]) => places.reduce((sum, y, i) => sum + (y - heights[i]!) ** 2, 0);
  for (const shift of [-0.5, 0.5]) {
    for (let from = 0; from < heights.length; from++) {
      for (let to = from + 1; to <= heights.length; to++) {
        const other = moved.map((y, i) => i >= from && i < to ? y + shift : y);
        const legal = other.every((y, i) => i === 0 || y - other[i - 1]! >= 12 - 1e-9);
        if (legal) assertAlmostEquals(Math.max(0, cost(moved) - cost(other)), 0, 1e-9);
      }
    }
  }
});
