/**
 * The shapes of a model's blocks.
 *
 * @module
 */

import { type BlockShape, queryGroupsOf } from "./block_shape.ts";
import { type GPTNeoXConfig, headSize, rotaryDimensions } from "./config.ts";

/** Returns the shape of each block of a model, the first layer's first. */
export function blockShapes(config: GPTNeoXConfig): readonly BlockShape[] {
  if (config.blocks) return config.blocks;
  const { layers, heads, mlpWidth } = config;
  const shape = { heads, headSize: headSize(config), rotary: rotaryDimensions(config), mlpWidth };
  return Array.from({ length: layers }, () => shape);
}

/**
 * Returns the config of a model that is the same but for the query groups of its blocks.
 *
 * @param queryGroups As many in every block; divides its heads.
 */
export function withQueryGroups(config: GPTNeoXConfig, queryGroups: number): GPTNeoXConfig {
  const blocks = blockShapes(config);
  if (blocks.every((block) => queryGroupsOf(block) === queryGroups)) return config;
  return {
    ...config,
    blocks: blocks.map(({ queryGroups: _, heads, ...block }) => ({
      heads,
      ...(queryGroups !== heads && { queryGroups }),
      ...block,
    })),
  };
}
