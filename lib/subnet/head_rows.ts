/**
 * Rows of a fused projection of queries, keys and values, for the heads that a sub-network keeps.
 *
 * @module
 */

import type { Dimensions } from "./dimensions.ts";
import type { SubBlock } from "./sub_network.ts";

/** The sizes of heads that decide where a row lies. */
export type HeadSizes = Pick<Dimensions, "groups" | "headsInGroup" | "headSize">;

/** Kept heads by their number in the teacher's layer, group by group. */
export function keptHeads({ groups, headsInGroup }: SubBlock, teacher: HeadSizes): number[] {
  return groups.flatMap((group) => headsInGroup.map((head) => group * teacher.headsInGroup + head));
}

/** Rows of these units, each of `size` rows of which `dims` are kept, from row `start` on. */
function rowsOf(units: readonly number[], size: number, dims: readonly number[], start = 0): number[] {
  return units.flatMap((unit) => dims.map((dim) => start + unit * size + dim));
}

/** Returns which columns of the output projection belong to kept dimensions of kept heads. */
export function attendedColumns(block: SubBlock, teacher: HeadSizes): number[] {
  return rowsOf(keptHeads(block, teacher), teacher.headSize, block.headDims);
}

/**
 * Returns which rows of the teacher's fused projection are the student's, in the student's order. Heads that share keys
 * and values stand as in {@linkcode separateRows}, heads with keys of their own as in {@linkcode interleavedRows}: where
 * a student keeps one head of each group, it turns from the first into the second.
 */
export function fusedRowsOf(block: SubBlock, teacher: HeadSizes): number[] {
  if (teacher.headsInGroup === 1) return interleavedRows(block, teacher);
  const rows = separateRows(block, teacher);
  if (block.headsInGroup.length > 1) return rows;
  const size = block.headDims.length, part = rows.length / 3;
  return block.groups.flatMap((_, head) =>
    [0, 1, 2].flatMap((kind) => rows.slice(kind * part + head * size, kind * part + (head + 1) * size))
  );
}

/**
 * Returns the kept rows where all queries come first, then all keys, then all values, each head by head: the layout of
 * LitGPT, whose sub-networks of grouped queries this follows row for row.
 */
export function separateRows(block: SubBlock, teacher: HeadSizes): number[] {
  const { groups, headSize } = teacher;
  const heads = groups * teacher.headsInGroup;
  return [
    ...attendedColumns(block, teacher),
    ...rowsOf(block.groups, headSize, block.headDims, heads * headSize),
    ...rowsOf(block.groups, headSize, block.headDims, (heads + groups) * headSize),
  ];
}

/**
 * Returns the kept rows where each head's query, key and value stand together: the layout of GPT-NeoX, in which every
 * head has a key and a value of its own.
 *
 * @throws {RangeError} If heads share keys and values.
 */
export function interleavedRows(block: SubBlock, teacher: HeadSizes): number[] {
  if (teacher.headsInGroup !== 1) {
    throw new RangeError(
      `Cannot pick rows head by head: each head must have a key of its own, found ${teacher.headsInGroup} heads a key`,
    );
  }
  const parts = block.groups.flatMap((head) => [3 * head, 3 * head + 1, 3 * head + 2]);
  return rowsOf(parts, teacher.headSize, block.headDims);
}
