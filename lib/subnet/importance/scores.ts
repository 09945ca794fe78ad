/**
 * Scores of a teacher's parts while they are counted up.
 *
 * @module
 */

import type { Dimensions } from "../dimensions.ts";
import { blockOf, fullSize } from "../sizes.ts";
import type { BlockDimension } from "../sizes.ts";

/** A score for each index of each dimension, as {@linkcode Importance} has them, to be added to. */
export interface Scores {
  readonly layers: Float64Array;
  readonly width: Float64Array;
  readonly blocks: readonly Readonly<Record<BlockDimension, Float64Array>>[];
}

/** Returns scores of 0. */
export function noScores(dimensions: Dimensions): Scores {
  const { layers, width } = dimensions;
  const zeros = (dimension: BlockDimension) => new Float64Array(fullSize(dimension, dimensions));
  return {
    layers: new Float64Array(layers),
    width: new Float64Array(width),
    blocks: Array.from({ length: layers }, () => blockOf(zeros)),
  };
}

/** Adds `change(score)` of every score to the one of the same part. */
export function addScores(to: Scores, from: Scores, change: (score: number) => number): void {
  const all = (
    { layers, width, blocks }: Scores,
  ) => [layers, width, ...blocks.flatMap((block) => Object.values(block))];
  const others = all(from);
  all(to).forEach((list, n) => others[n]!.forEach((score, i) => list[i]! += change(score)));
}

/** Adds values of a layer's heads, each of `headSize` dimensions side by side, to its heads and to their dimensions. */
export function addHeads(block: Scores["blocks"][number], values: ArrayLike<number>): void {
  addRows(block, values, (part) => part);
}

/**
 * Adds values of the rows of a layer's fused projection to its heads and to their dimensions. A key or a value that
 * heads share goes with its group, and with no head of it.
 */
export function addFused(block: Scores["blocks"][number], values: ArrayLike<number>): void {
  const { groups: { length: groups }, headsInGroup: { length: shared } } = block;
  const heads = groups * shared;
  if (shared === 1) return addRows(block, values, (part) => Math.floor(part / 3));
  addRows(block, values, (part) => part < heads ? part : { group: (part - heads) % groups });
}

/** Adds values of rows to the dimension of heads that each is, and to the head, or else the group, that it belongs to. */
function addRows(
  { groups, headsInGroup, headDims }: Scores["blocks"][number],
  values: ArrayLike<number>,
  ownerOf: (part: number) => number | { readonly group: number },
): void {
  for (let i = 0; i < values.length; i++) {
    const owner = ownerOf(Math.floor(i / headDims.length));
    headDims[i % headDims.length]! += values[i]!;
    if (typeof owner === "number") {
      groups[Math.floor(owner / headsInGroup.length)]! += values[i]!;
      headsInGroup[owner % headsInGroup.length]! += values[i]!;
    } else groups[owner.group]! += values[i]!;
  }
}

/** Adds one list of values to another. */
export function addTo(to: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) to[i]! += values[i]!;
}
