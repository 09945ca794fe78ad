import { assertEquals, assertThrows } from "@std/assert";
import { fusedRowsOf, type HeadSizes, interleavedRows, separateRows } from "../../lib/subnet/head_rows.ts";
import type { SubBlock } from "../../lib/subnet/sub_network.ts";
import { upTo } from "./random_sub_network.ts";

type Sizes = readonly [heads: number, groups: number, headSize: number];

const sizesOf = ([heads, groups, headSize]: Sizes): HeadSizes => ({ groups, headsInGroup: heads / groups, headSize });

/** What keeps the first groups, heads and dimensions. */
function prefix([heads, groups, headSize]: Sizes): SubBlock {
  return { groups: upTo(groups), headsInGroup: upTo(heads / groups), headDims: upTo(headSize), mlp: [0] };
}

const between = (first: number, last: number) => upTo(last + 1).slice(first);

/** Cases of whittle's tests of attention, as far as they are quoted: rows of queries, of keys and of values. */
const whittle: readonly [teacher: Sizes, kept: Sizes, q: number[], k?: number[], v?: number[]][] = [
  [[12, 3, 2], [8, 2, 2], between(0, 15), between(24, 27), between(30, 33)],
  [[12, 3, 2], [8, 2, 1], [0, 2, 4, 6, 8, 10, 12, 14], [24, 26], [30, 32]],
  [[16, 4, 2], [6, 3, 1], [0, 2, 8, 10, 16, 18], [32, 34, 36], [40, 42, 44]],
  [[12, 3, 2], [6, 2, 2], [...between(0, 5), ...between(8, 13)], between(24, 27), between(30, 33)],
  [[12, 3, 2], [4, 2, 2], [...between(0, 3), ...between(8, 11)]],
  [[12, 3, 2], [4, 1, 2], between(0, 7), [24, 25], [30, 31]],
  [[12, 3, 2], [3, 1, 2], between(0, 5)],
  [[12, 3, 2], [3, 1, 1], [0, 2, 4], [24], [30]],
  [[12, 3, 2], [2, 2, 2], [0, 1, 8, 9]],
  [[12, 3, 2], [2, 2, 1], [0, 8], [24, 26], [30, 32]],
  [[4, 4, 2], [3, 3, 2], between(0, 5), between(8, 13), between(16, 21)],
  [[4, 4, 2], [3, 3, 1], [0, 2, 4], [8, 10, 12], [16, 18, 20]],
  [[4, 1, 2], [3, 1, 2], between(0, 5), [8, 9], [10, 11]],
  [[4, 1, 2], [3, 1, 1], [0, 2, 4], [8], [10]],
];

for (const [teacher, kept, queries, keys, values] of whittle) {
  Deno.test(`of ${teacher} (heads, groups, dimensions) the first ${kept} are whittle's rows`, () => {
    const [heads, groups, size] = kept;
    const rows = separateRows(prefix(kept), sizesOf(teacher));
    assertEquals(rows.length, (heads + 2 * groups) * size);
    assertEquals(rows.slice(0, heads * size), queries);
    if (keys) assertEquals(rows.slice(heads * size, (heads + groups) * size), keys);
    if (values) assertEquals(rows.slice((heads + groups) * size), values);
  });
}

Deno.test("of chosen heads, groups and dimensions the rows are whittle's", () => {
  const dims = [0, 4, 5, 7];
  const block = { groups: [1, 3], headsInGroup: [3], headDims: dims, mlp: [0] };
  const starts = [64, 144, 168, 184, 200, 216];
  const expected = starts.flatMap((start) => dims.map((dim) => start + dim));
  assertEquals(separateRows(block, sizesOf([20, 4, 8])), expected);
});

Deno.test("a student whose heads share keys has a teacher's rows in the teacher's order", () => {
  for (const [teacher, kept] of whittle) {
    if (teacher[0] === teacher[1] || kept[0] === kept[1]) continue;
    const block = prefix(kept);
    assertEquals(fusedRowsOf(block, sizesOf(teacher)), separateRows(block, sizesOf(teacher)));
  }
});

Deno.test("a student that keeps one head of each group has each head's query, key and value together", () => {
  const block = { groups: [0, 2], headsInGroup: [1], headDims: [0, 1], mlp: [0] };
  // Of six heads in three groups of two dimensions: heads 1 and 5, keys from row 12 and values from row 18.
  assertEquals(fusedRowsOf(block, sizesOf([6, 3, 2])), [2, 3, 12, 13, 18, 19, 10, 11, 16, 17, 22, 23]);
  const alone = { ...block, groups: [0] };
  assertEquals(fusedRowsOf(alone, sizesOf([2, 1, 2])), [2, 3, 4, 5, 6, 7]);
});

Deno.test("a teacher whose heads have keys of their own has each head's query, key and value together", () => {
  const block = { groups: [0, 2], headsInGroup: [0], headDims: [1], mlp: [0] };
  const teacher = sizesOf([3, 3, 2]);
  assertEquals(fusedRowsOf(block, teacher), [1, 3, 5, 13, 15, 17]);
  assertEquals(interleavedRows(block, teacher), fusedRowsOf(block, teacher));
  assertThrows(
    () => interleavedRows(block, sizesOf([6, 3, 2])),
    RangeError,
    "each head must have a key of its own, found 2 heads a key",
  );
});
