import { assertEquals, assertThrows } from "@std/assert";
import { checkBin, sideOf, splitBin } from "../../lib/search/bin.ts";

Deno.test("both ends of a bin lie inside it", () => {
  assertEquals([9, 10, 15, 20, 21].map((cost) => sideOf(cost, { least: 10, most: 20 })), [-1, 0, 0, 0, 1]);
});

Deno.test("parts of a bin cover it without gaps, and end exactly where it ends", () => {
  assertEquals(splitBin({ least: 10, most: 20 }, 2), [{ least: 10, most: 15 }, { least: 15, most: 20 }]);
  for (const count of [1, 3, 7, 10]) {
    const parts = splitBin({ least: 0.3, most: 0.9 }, count);
    assertEquals(parts.length, count);
    assertEquals([parts[0]!.least, parts.at(-1)!.most], [0.3, 0.9]);
    for (let i = 1; i < count; i++) assertEquals(parts[i]!.least, parts[i - 1]!.most);
  }
});

Deno.test("a bin whose ends are swapped or no numbers is refused", () => {
  assertEquals(checkBin({ least: 3, most: 3 }), { least: 3, most: 3 });
  const rule = "Cannot search the bin: 'least' must be at most 'most', found ";
  assertThrows(() => checkBin({ least: 4, most: 3 }), RangeError, `${rule}4 and 3`);
  assertThrows(() => checkBin({ least: NaN, most: 3 }), RangeError, `${rule}NaN and 3`);
});
