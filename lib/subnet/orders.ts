/**
 * Members of a space from sizes alone, to begin a search with: the first indices, evenly spaced ones, or those that
 * matter most.
 *
 * @module
 */

import { show } from "../unknown.ts";
import type { Dimensions } from "./dimensions.ts";
import { preferEvenlySpaced, preferFirst, preferWorth } from "./preferences.ts";
import { type BlockDimension, blockDimensions, type DimensionName, fullSize, type SubNetworkSizes } from "./sizes.ts";
import type { SubNetwork } from "./sub_network.ts";
import type { SubNetworkSpace } from "./sub_network_space.ts";

/** How much each index of a teacher matters: one score an index, the higher the better. */
export interface Importance {
  /** `[layers]`. */
  readonly layers: ArrayLike<number>;
  /** `[width]`. */
  readonly width: ArrayLike<number>;
  /** For each of the teacher's layers: `[groups]`, `[headsInGroup]`, `[headSize]` and `[mlp]`. */
  readonly blocks: readonly Readonly<Record<BlockDimension, ArrayLike<number>>>[];
}

/** Makes a member of a space from sizes. */
export type Order = (sizes: SubNetworkSizes, space: SubNetworkSpace) => SubNetwork;

/**
 * Keeps the first indices.
 *
 * @throws {IllegalSubNetworkError} If the space has no member of these sizes.
 */
export function prefixOf(sizes: SubNetworkSizes, space: SubNetworkSpace): SubNetwork {
  return space.memberOf(sizes, () => preferFirst);
}

/**
 * Keeps indices at even distances, the first and the last among them. Rotary pairs count as units, and as many are kept
 * as there can be.
 *
 * @param space A fine one.
 * @throws {IllegalSubNetworkError} If the space has no member of these sizes.
 * @throws {RangeError} If the space is coarse.
 */
export function evenlySpacedOf(sizes: SubNetworkSizes, space: SubNetworkSpace): SubNetwork {
  requireFine(space);
  return space.memberOf(sizes, () => preferEvenlySpaced);
}

/**
 * Returns the order that keeps the indices with the highest scores, the first of equals. A list that layers share goes
 * by the sum of their scores. Of a rotary pair both dimensions count.
 *
 * It works for fine spaces and throws a RangeError for coarse ones, or if scores are missing; an IllegalSubNetworkError
 * if the space has no member of the sizes.
 */
export function orderedBy(importance: Importance): Order {
  return (sizes, space) => {
    requireFine(space);
    checkImportance(importance, space.dimensions);
    return space.memberOf(sizes, (dimension, layers) => {
      if (dimension === "layers" || dimension === "width") return preferWorth((index) => importance[dimension][index]!);
      return preferWorth((index) => layers.reduce((sum, at) => sum + importance.blocks[at]![dimension][index]!, 0));
    });
  };
}

function requireFine({ name, fine }: SubNetworkSpace): void {
  if (fine) return;
  throw new RangeError(
    `Cannot choose indices in ${name}: the space must be a fine one, found one of first indices; use prefixOf`,
  );
}

/**
 * Checks that there is a score for each index.
 *
 * @throws {RangeError} If one is missing or no finite number.
 */
export function checkImportance({ layers, width, blocks }: Importance, dimensions: Dimensions): void {
  const refuse = (argument: string, rule: string, found: unknown): never => {
    throw new RangeError(`Cannot order indices by importance: '${argument}' must be ${rule}, found ${show(found)}`);
  };
  const check = (scores: ArrayLike<number>, dimension: DimensionName, argument: string) => {
    const size = fullSize(dimension, dimensions);
    if (scores.length !== size) refuse(argument, `a list of ${size} scores`, scores.length);
    const wrong = Array.from(scores).findIndex((score) => !Number.isFinite(score));
    if (wrong >= 0) refuse(`${argument}[${wrong}]`, "a finite number", scores[wrong]);
  };
  check(layers, "layers", "layers");
  check(width, "width", "width");
  if (blocks.length !== dimensions.layers) refuse("blocks", `a list of ${dimensions.layers} blocks`, blocks.length);
  for (const [i, block] of blocks.entries()) {
    for (const dimension of blockDimensions) check(block[dimension], dimension, `blocks[${i}].${dimension}`);
  }
}
