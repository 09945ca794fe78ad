/**
 * What a space of sub-networks is made of, and which sizes its members have.
 *
 * @module
 */

import type { Dimensions } from "./dimensions.ts";
import { IllegalSubNetworkError } from "./illegal_sub_network_error.ts";
import type { IndexLists } from "./index_lists.ts";
import { blockDimensions, type DimensionName, type SubNetworkSizes } from "./sizes.ts";

/** What tells one space of sub-networks from another. */
export interface SpaceParts {
  /** What the space is called, for errors. */
  readonly name: string;
  /** The teacher's sizes. */
  readonly dimensions: Dimensions;
  /** Whether members choose indices freely, rather than keep the first ones. */
  readonly fine: boolean;
  /** Whether all kept layers have the same block. */
  readonly uniform: boolean;
  /** The lists that each dimension may have. */
  readonly lists: Readonly<Record<DimensionName, IndexLists>>;
}

/**
 * Refuses sizes that no member of a space has.
 *
 * @throws {IllegalSubNetworkError} If a size is none of its dimension's, or layers of a uniform space differ.
 */
export function checkSizes({ width, blocks }: SubNetworkSizes, { name, uniform, lists }: SpaceParts): void {
  const check = (dimension: DimensionName, size: number, argument: string) => {
    const { sizes } = lists[dimension];
    if (sizes.includes(size)) return;
    throw new IllegalSubNetworkError(argument, `a size of ${dimension} in ${name} (${sizes.join(", ")})`, size);
  };
  check("layers", blocks.length, "blocks.length");
  check("width", width, "width");
  for (const [i, block] of blocks.entries()) {
    for (const dimension of blockDimensions) {
      const argument = `blocks[${i}].${dimension}`;
      check(dimension, block[dimension], argument);
      const first = blocks[0]![dimension];
      if (!uniform || block[dimension] === first) continue;
      const rule = `${first}, as in blocks[0], because all layers of ${name} are the same`;
      throw new IllegalSubNetworkError(argument, rule, block[dimension]);
    }
  }
}
