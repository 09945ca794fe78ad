import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { averageRanks, rankCorrelation } from "../../lib/search/rank_correlation.ts";

Deno.test("tied values share the average of their ranks", () => {
  assertEquals(averageRanks([10, 30, 20, 20, 5]), [2, 5, 3.5, 3.5, 1]);
  assertEquals(averageRanks([7, 7, 7]), [2, 2, 2]);
  assertEquals(averageRanks([0, -0, -Infinity]), [2.5, 2.5, 1]);
});

Deno.test("the same order correlates with 1, the reverse order with -1", () => {
  assertEquals(rankCorrelation([1, 2, 3, 4], [10, 100, 1000, 10000]), { spearman: 1, kendall: 1 });
  assertEquals(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]), { spearman: -1, kendall: -1 });
});

Deno.test("rank correlations with ties are those worked out by hand", () => {
  // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: deviations' products sum to 4.5, their squares to 4.5 and 5.
  // Of six pairs five agree, none disagrees, one is tied in x alone: 5 / sqrt(5 * 6).
  const first = rankCorrelation([1, 2, 2, 3], [1, 3, 2, 4]);
  assertAlmostEquals(first.spearman, 4.5 / Math.sqrt(4.5 * 5), 1e-15);
  assertAlmostEquals(first.kendall, 5 / Math.sqrt(30), 1e-15);
  // Ranks 4.5, 1, 4.5, 2.5, 2.5 and 2.5, 1, 4.5, 2.5, 4.5: products sum to 5, squares to 9 both times. Of ten pairs five
  // agree, one disagrees, two are tied in x and two others in y: (5 - 1) / sqrt(8 * 8).
  const second = rankCorrelation([12, 2, 12, 4, 4], [1, 0, 7, 1, 7]);
  assertAlmostEquals(second.spearman, 5 / 9, 1e-15);
  assertAlmostEquals(second.kendall, 0.5, 1e-15);
  // The example in the documentation of scipy.stats.kendalltau.
  assertAlmostEquals(rankCorrelation([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).kendall, -0.47140452079103173, 1e-15);
});

Deno.test("rank correlations do not change when a measure is stretched, and swap with their arguments", () => {
  const draws = new Draws(3, "measures");
  for (let trial = 0; trial < 20; trial++) {
    const x = [0, 9, ...Array.from({ length: 10 }, () => draws.below(8))];
    const y = [9, 0, ...Array.from({ length: 10 }, () => draws.below(8))];
    const { spearman, kendall } = rankCorrelation(x, y);
    assertEquals(rankCorrelation(x.map((value) => value ** 3 - 100), y), { spearman, kendall });
    const swapped = rankCorrelation(y, x);
    assertAlmostEquals(swapped.spearman, spearman, 1e-14);
    assertAlmostEquals(swapped.kendall, kendall, 1e-14);
  }
});

Deno.test("lists that cannot be correlated are refused", () => {
  assertThrows(() => rankCorrelation([1, 2], [1, 2, 3]), RangeError, "both lists must be equally long, found 2 and 3");
  assertThrows(() => rankCorrelation([1, 1], [1, 2]), RangeError, "each list must hold two different values");
  assertThrows(() => rankCorrelation([1, NaN], [1, 2]), RangeError, "every value must be a number, found NaN");
});
