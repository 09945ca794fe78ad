import { assertEquals } from "@std/assert";
import { binomial, combinations, product } from "../../lib/subnet/combinations.ts";

Deno.test("binomial() is exact below 2^53, close above, and infinite at last", () => {
  let row = [1n];
  for (let of = 0; of < 80; of++) {
    for (const [count, exact] of row.entries()) {
      const close = Math.abs(binomial(of, count) / Number(exact) - 1) < 1e-14;
      assertEquals(exact < 2n ** 53n ? BigInt(binomial(of, count)) : close, exact < 2n ** 53n ? exact : true);
    }
    row = [1n, ...row.map((value, i) => value + (row[i + 1] ?? 0n))];
  }
  assertEquals(binomial(5000, 2500), Infinity);
});

Deno.test("combinations() lists each subset of a size once, ascending", () => {
  assertEquals([...combinations(4, 2)].map(String).sort(), ["0,1", "0,2", "0,3", "1,2", "1,3", "2,3"]);
  assertEquals([[...combinations(3, 0)], [...combinations(0, 0)], [...combinations(2, 3)]], [[[]], [[]], []]);
  for (let count = 0; count <= 7; count++) {
    const all = [...combinations(7, count)];
    assertEquals(new Set(all.map(String)).size, binomial(7, count));
    assertEquals(all, all.map((subset) => subset.toSorted((a, b) => a - b)));
  }
});

Deno.test("product() takes one value of each sequence in every way", () => {
  assertEquals([...product([() => "ab", () => "xyz"])].map((pair) => pair.join("")), [
    "ax",
    "ay",
    "az",
    "bx",
    "by",
    "bz",
  ]);
  assertEquals([[...product([])], [...product([() => "ab", () => ""])]], [[[]], []]);
});
