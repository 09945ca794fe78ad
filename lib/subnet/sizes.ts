/**
 * How many of each dimension a sub-network keeps, and the dimensions' names.
 *
 * @module
 */

import type { Dimensions } from "./dimensions.ts";
import type { SubBlock, SubNetwork } from "./sub_network.ts";

/** A dimension of a block. */
export type BlockDimension = keyof SubBlock;

/** A dimension in which a sub-network may be smaller than its teacher. */
export type DimensionName = "layers" | "width" | BlockDimension;

/** The dimensions of a block, in their order. */
export const blockDimensions = ["groups", "headsInGroup", "headDims", "mlp"] as const satisfies BlockDimension[];

/** All dimensions, in their order. */
export const dimensionNames: readonly DimensionName[] = ["layers", "width", ...blockDimensions];

/** How many of each dimension of one block are kept. */
export type BlockSizes = Readonly<Record<BlockDimension, number>>;

/** How many of each dimension a sub-network keeps: all that its cost depends on. */
export interface SubNetworkSizes {
  /** Dimensions of the residual stream. */
  readonly width: number;
  /** The sizes of each kept layer; there are as many as layers are kept. */
  readonly blocks: readonly BlockSizes[];
}

/** Makes a record with a value for each dimension of a block, in their order. */
export function blockOf<T>(valueOf: (dimension: BlockDimension) => T): Record<BlockDimension, T> {
  return {
    groups: valueOf("groups"),
    headsInGroup: valueOf("headsInGroup"),
    headDims: valueOf("headDims"),
    mlp: valueOf("mlp"),
  };
}

/** Returns how many of each dimension a sub-network keeps. */
export function sizesOf({ width, blocks }: SubNetwork): SubNetworkSizes {
  return { width: width.length, blocks: blocks.map((block) => blockOf((dimension) => block[dimension].length)) };
}

/** Returns how many of a dimension the teacher has. */
export function fullSize(dimension: DimensionName, dimensions: Dimensions): number {
  return dimensions[dimension === "headDims" ? "headSize" : dimension];
}
