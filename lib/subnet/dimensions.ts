/**
 * What a teacher offers to choose from.
 *
 * @module
 */

import { type GPTNeoXConfig, headSize, rotaryDimensions } from "../model/config.ts";

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
 * Returns what a GPT-NeoX teacher offers: multi-head attention, so a group for each head.
 *
 * @throws {RangeError} If its blocks have shapes of their own.
 */
export function dimensionsOf(config: GPTNeoXConfig): Dimensions {
  if (config.blocks) {
    throw new RangeError(
      "Cannot take sub-networks of this model: the blocks of a teacher must be alike, found shapes of their own; " +
        "use the model that it was cut from",
    );
  }
  const { layers, width, heads, mlpWidth } = config;
  return {
    ...{ layers, width, groups: heads, headsInGroup: 1 },
    ...{ headSize: headSize(config), rotary: rotaryDimensions(config), mlp: mlpWidth },
  };
}
