/**
 * What form of a student goes into a folder.
 *
 * @module
 */

import { type BlockShape, queryGroupsOf } from "../model/block_shape.ts";
import { blockShapes } from "../model/blocks.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { HostModel } from "./multi_head.ts";
import { uniform, uniformConfig } from "./uniform.ts";

/** How a student is written. */
export interface ExportOptions {
  /**
   * Pads blocks of different shapes with zeros, and gives heads copies of the keys and values that they share, so that
   * every reader knows the shape. @default {false}
   */
  readonly uniform?: boolean;
}

/**
 * Returns a student in the form in which its folder says what it computes.
 *
 * That is Hugging Face's own wherever nothing needs to be padded for it; else, with `uniform`, the padded one; else the
 * student as it is, whose `config.json` has a part, `offshoot`, that only this library reads.
 *
 * @throws {RangeError} If rotated pairs were dropped so that no `config.json` can say which, or `uniform` is asked for
 *   and there is no such shape.
 */
export function exported(model: HostModel, { uniform: padded = false }: ExportOptions = {}): HostModel {
  const { config } = model;
  if (!config.blocks || padded || isUniform(config)) return uniform(model);
  if (config.blocks.some(({ exponents }) => exponents)) {
    throw new RangeError(
      "Cannot write this student as it is: rotated pairs must be all of its teacher's, as Hugging Face's config.json " +
        "cannot say which were kept, found some of them; ask for the uniform form, in which lost pairs are zeros",
    );
  }
  return model;
}

/** Tells whether a model's uniform form has its own shape, so that at most the scale of its scores goes into weights. */
function isUniform(config: GPTNeoXConfig): boolean {
  let padded: GPTNeoXConfig;
  try {
    padded = uniformConfig(config);
  } catch {
    return false;
  }
  const sizes = (block: BlockShape) =>
    [block.heads, queryGroupsOf(block), block.headSize, block.rotary, block.mlpWidth].join();
  const [first] = blockShapes(padded);
  return blockShapes(config).every((block) => !block.exponents && sizes(block) === sizes(first!));
}
