/**
 * Sub-networks in a line of text.
 *
 * @module
 */

import { sizesOf } from "./sizes.ts";
import type { SubNetwork } from "./sub_network.ts";

/** Says what a sub-network keeps: its layers, and its sizes, layer by layer where they differ. */
export function describeSubNetwork(subNetwork: SubNetwork): string {
  const { width, blocks } = sizesOf(subNetwork);
  const each = (sizes: readonly number[]) => new Set(sizes).size === 1 ? `${sizes[0]}` : sizes.join("/");
  return [
    `layers ${subNetwork.layers.join(", ")}`,
    `width ${width}`,
    `heads ${each(blocks.map(({ groups, headsInGroup }) => groups * headsInGroup))}`,
    `of ${each(blocks.map(({ headDims }) => headDims))} dimensions`,
    `MLP ${each(blocks.map(({ mlp }) => mlp))}`,
  ].join(", ").replace(", of", " of");
}
