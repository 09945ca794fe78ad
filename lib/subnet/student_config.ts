/**
 * The shape of the model that a sub-network is.
 *
 * @module
 */

import { areAlike, type BlockShape } from "../model/block_shape.ts";
import { checkConfig, type GPTNeoXConfig, rotaryFractionOf } from "../model/config.ts";
import { dimensionsOf, teacherBlock } from "./dimensions.ts";
import { rebuiltRotary, type RopeOptions } from "./rope.ts";
import type { SubBlock, SubNetwork } from "./sub_network.ts";

/** How a student attends with heads that lost dimensions. */
export interface HeadOptions extends RopeOptions {
  /**
   * `keep`: scores are scaled as in the teacher. `rebuild`: by `1 / sqrt` of what is left of a head, as in whittle.
   *
   * @default {"keep"}
   */
  readonly scale?: "keep" | "rebuild";
}

/**
 * Returns the config of a sub-network as a model of its own. Blocks have shapes of their own only where Hugging Face's
 * fields cannot say what they are.
 *
 * @param subNetwork A legal sub-network of the teacher.
 * @throws {RangeError} If the teacher's blocks differ, or `rope` is `rebuild` and the share that is rotated is no even
 *   number of dimensions.
 */
export function studentConfig(
  teacher: GPTNeoXConfig,
  { layers, width, blocks }: SubNetwork,
  options: HeadOptions = {},
): GPTNeoXConfig {
  const shapes = blocks.map((block) => shapeOf(block, teacher, options));
  const { blocks: _, ...others } = teacher;
  const sizes = { ...others, layers: layers.length, width: width.length };
  return plainConfig(sizes, shapes) ?? checkConfig({ ...sizes, ...nominal(shapes), blocks: shapes });
}

function shapeOf(
  { groups, headsInGroup, headDims, mlp }: SubBlock,
  teacher: GPTNeoXConfig,
  { rope = "keep", scale = "keep" }: HeadOptions,
): BlockShape {
  const size = headDims.length;
  const block = teacherBlock(teacher);
  const rotation = rope === "keep"
    ? keptRotation(headDims, block)
    : { rotary: rebuiltRotary(size, dimensionsOf(teacher)) };
  const { scale: trained = 1 / Math.sqrt(block.headSize) } = block;
  return {
    heads: groups.length * headsInGroup.length,
    ...(headsInGroup.length > 1 && { queryGroups: groups.length }),
    headSize: size,
    ...rotation,
    ...(scale === "keep" && trained !== 1 / Math.sqrt(size) && { scale: trained }),
    mlpWidth: mlp.length,
  };
}

/** Kept dimensions stand in ascending order, so that the first halves of pairs come first, then the second halves. */
function keptRotation(
  headDims: readonly number[],
  { rotary, exponents: all }: BlockShape,
): Pick<BlockShape, "rotary" | "exponents"> {
  const pairs = headDims.filter((dim) => dim < rotary / 2);
  const kept = 2 * pairs.length;
  const exponents = pairs.map((pair) => all ? all[pair]! : 2 * pair / rotary);
  const asNew = exponents.every((exponent, i) => exponent === 2 * i / kept);
  return { rotary: kept, ...(!asNew && { exponents }) };
}

/** The config without shapes of its own, where all blocks are alike and of a form that Hugging Face's fields can say. */
function plainConfig(sizes: GPTNeoXConfig, shapes: readonly BlockShape[]): GPTNeoXConfig | undefined {
  const [first] = shapes as [BlockShape];
  const { heads, queryGroups, headSize, rotary, exponents, scale, mlpWidth } = first;
  const other = !areAlike(shapes) || queryGroups !== undefined || exponents || scale !== undefined;
  if (other || heads * headSize !== sizes.width) return undefined;
  return checkConfig({ ...sizes, heads, mlpWidth, rotaryFraction: rotaryFractionOf(rotary, headSize) });
}

/** What those read who do not know of blocks: their largest sizes. */
function nominal(shapes: readonly BlockShape[]): Pick<GPTNeoXConfig, "heads" | "mlpWidth"> {
  const most = (size: (shape: BlockShape) => number) => Math.max(...shapes.map(size));
  return { heads: most(({ heads }) => heads), mlpWidth: most(({ mlpWidth }) => mlpWidth) };
}
