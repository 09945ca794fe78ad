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
export function addHeads(
  { groups, headsInGroup, headDims }: Scores["blocks"][number],
  values: ArrayLike<number>,
  headOf: (index: number) => number = (index) => Math.floor(index / headDims.length),
): void {
  for (let i = 0; i < values.length; i++) {
    const head = headOf(i);
    groups[Math.floor(head / headsInGroup.length)]! += values[i]!;
    headsInGroup[head % headsInGroup.length]! += values[i]!;
    headDims[i % headDims.length]! += values[i]!;
  }
}

/** Adds one list of values to another. */
export function addTo(to: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) to[i]! += values[i]!;
}
