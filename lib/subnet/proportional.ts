/**
 * Sizes of a sub-network that is the teacher in small.
 *
 * @module
 */

import type { Bin } from "../search/bin.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { countParameters } from "../model/parameters.ts";
import { countParametersOfSizes } from "./counts.ts";
import { type BlockSizes, type DimensionName, fullSize, type SubNetworkSizes } from "./sizes.ts";
import type { SubNetworkSpace } from "./sub_network_space.ts";

/**
 * Returns the sizes of a sub-network that nobody searched for: all blocks alike, heads whole, width and query groups
 * kept in shares that are nearest to the root of the budget's share, as weights grow with the square of a share, and as
 * many layers as bring the share of neurons nearest to it too. For a quarter of the teacher that is half of its width
 * and heads, and most of its layers.
 *
 * Of the numbers of neurons with which all else lies in the bin it takes the one in the middle.
 *
 * @param teacher The teacher's config.
 * @param bin Of parameters.
 * @throws {RangeError} If there are none.
 */
export function proportionalSizes(space: SubNetworkSpace, teacher: GPTNeoXConfig, bin: Bin): SubNetworkSizes {
  const sizes = findProportionalSizes(space, teacher, bin);
  if (sizes) return sizes;
  throw new RangeError(
    `Cannot choose sizes: the bin from ${bin.least} to ${bin.most} parameters must hold a sub-network of equal blocks ` +
      "and whole heads, found none; widen or move it",
  );
}

/** Returns the {@linkcode proportionalSizes}, or nothing where the bin holds none. */
export function findProportionalSizes(
  { lists, dimensions }: SubNetworkSpace,
  teacher: GPTNeoXConfig,
  bin: Bin,
): SubNetworkSizes | undefined {
  const wanted = Math.sqrt((bin.least + bin.most) / 2 / countParameters(teacher));
  const distance = (dimension: DimensionName, size: number) =>
    Math.log(size / fullSize(dimension, dimensions) / wanted) ** 2;
  let best: { readonly sizes: SubNetworkSizes; readonly near: number; readonly next: number } | undefined;
  for (const layers of lists.layers.sizes) {
    for (const width of lists.width.sizes) {
      for (const groups of lists.groups.sizes) {
        const sizesWith = (mlp: number): SubNetworkSizes => ({
          width,
          blocks: Array<BlockSizes>(layers).fill({
            ...{ groups, headsInGroup: dimensions.headsInGroup, headDims: dimensions.headSize, mlp },
          }),
        });
        // Parameters grow by as much with every neuron.
        const base = countParametersOfSizes(sizesWith(0), teacher);
        const each = countParametersOfSizes(sizesWith(1), teacher) - base;
        const [least, most] = [(bin.least - base) / each, (bin.most - base) / each];
        const fitting = lists.mlp.sizes.filter((mlp) => mlp >= least && mlp <= most);
        const mlp = fitting[fitting.length >> 1];
        if (mlp === undefined) continue;
        const [near, next] = [distance("width", width) + distance("groups", groups), distance("mlp", mlp)];
        if (best && (near > best.near || (near === best.near && next >= best.next))) continue;
        best = { sizes: sizesWith(mlp), near, next };
      }
    }
  }
  return best?.sizes;
}
