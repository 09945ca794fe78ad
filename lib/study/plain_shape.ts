/**
 * The shape of students that nobody searched for.
 *
 * @module
 */

import { type Bin, sideOf } from "../search/bin.ts";
import { prefixOf } from "../subnet/orders.ts";
import type { SubNetworkSizes } from "../subnet/sizes.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";

/** What a shape is looked for in. */
export interface PlainShapeOptions {
  readonly space: SubNetworkSpace;
  readonly cost: (subNetwork: SubNetwork) => number;
  readonly bin: Bin;
}

/**
 * Halves a teacher's width and heads and spends the rest of a budget on layers that are alike, as many as keep the
 * ratio of their neurons to their width closest to the teacher's: what one would cut out without a search.
 *
 * @throws {RangeError} If no number of layers leads into the bin.
 */
export function plainShape({ space, cost, bin }: PlainShapeOptions): SubNetworkSizes {
  const { dimensions: { width, groups, headsInGroup, headSize: headDims, mlp }, lists } = space;
  const half = { width: Math.round(width / 2), groups: Math.max(1, Math.round(groups / 2)) };
  const sizesWith = (layers: number, mlp: number): SubNetworkSizes => ({
    width: half.width,
    blocks: Array(layers).fill({ groups: half.groups, headsInGroup, headDims, mlp }),
  });
  const distance = (mlpOf: SubNetworkSizes) => Math.abs(Math.log(mlpOf.blocks[0]!.mlp / half.width / (mlp / width)));
  const fitting = lists.layers.sizes.flatMap((layers) => {
    // Costs grow with neurons, so that the middle one of those in the bin is the closest to its middle.
    const inside = lists.mlp.sizes.map((mlp) => sizesWith(layers, mlp))
      .filter((sizes) => sideOf(cost(prefixOf(sizes, space)), bin) === 0);
    return inside.length > 0 ? [inside[inside.length >> 1]!] : [];
  });
  const [best] = fitting.sort((a, b) => distance(a) - distance(b));
  if (best) return best;
  throw new RangeError(
    `Cannot make a plain student: half the width (${half.width}) and heads must lead to a cost from ${bin.least} to ` +
      `${bin.most} with some number of layers, found none; change --params or raise --tolerance`,
  );
}
