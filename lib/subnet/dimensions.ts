/**
 * What a teacher offers to choose from.
 *
 * @module
 */

import { areAlike, type BlockShape, queryGroupsOf } from "../model/block_shape.ts";
import { blockShapes } from "../model/blocks.ts";
import type { GPTNeoXConfig } from "../model/config.ts";

/** The sizes of a teacher: a sub-network keeps indices below each of them. */
export interface Dimensions {
  /** Transformer blocks. */
  readonly layers: number;
  /** Dimensions of the residual stream. */
  readonly width: number;
  /** Query groups a block: heads that share a key and a value. */
  readonly groups: number;
  /** Heads in each group: 1 with multi-head attention. */
  readonly headsInGroup: number;
  /** Dimensions of a head. */
  readonly headSize: number;
  /** Leading dimensions of a head that are rotated by position, in pairs `(i, i + rotary / 2)`. */
  readonly rotary: number;
  /** Neurons of a feed-forward network. */
  readonly mlp: number;
}

/**
 * Returns what a GPT-NeoX teacher offers.
 *
 * @throws {RangeError} If its blocks differ.
 */
export function dimensionsOf(config: GPTNeoXConfig): Dimensions {
  const { layers, width } = config;
  const block = teacherBlock(config);
  const { heads, headSize, rotary, mlpWidth: mlp } = block, groups = queryGroupsOf(block);
  return { layers, width, groups, headsInGroup: heads / groups, headSize, rotary, mlp };
}

/**
 * Returns the shape that all blocks of a teacher have.
 *
 * @throws {RangeError} If its blocks differ.
 */
export function teacherBlock(config: GPTNeoXConfig): BlockShape {
  const blocks = blockShapes(config);
  if (areAlike(blocks)) return blocks[0]!;
  throw new RangeError(
    "Cannot take sub-networks of this model: the blocks of a teacher must be alike, found different shapes; " +
      "use the model that it was cut from",
  );
}
