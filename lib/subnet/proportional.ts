/**
 * Sizes of a sub-network that is the teacher in small.
 *
 * @module
 */

import type { Bin } from "../search/bin.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { countParametersOfSizes } from "./counts.ts";
import { type BlockSizes, type DimensionName, fullSize, type SubNetworkSizes } from "./sizes.ts";
import type { SubNetworkSpace } from "./sub_network_space.ts";

/**
 * Returns the sizes whose proportions are nearest to the teacher's, of those whose parameters lie in a bin: all blocks
 * alike, heads whole, and layers, width, query groups and neurons kept in shares whose logarithms vary least.
 *
 * @param teacher The teacher's config.
 * @param bin Of parameters.
 * @throws {RangeError} If there are none.
 */
export function proportionalSizes(
  { lists, dimensions }: SubNetworkSpace,
  teacher: GPTNeoXConfig,
  bin: Bin,
): SubNetworkSizes {
  const share = (dimension: DimensionName, size: number) => size / fullSize(dimension, dimensions);
  let best: { readonly sizes: SubNetworkSizes; readonly distortion: number } | undefined;
  for (const layers of lists.layers.sizes) {
    for (const width of lists.width.sizes) {
      for (const groups of around(lists.groups.sizes, share("width", width) * dimensions.groups)) {
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
        const others = [share("layers", layers), share("width", width), share("groups", groups)].map(Math.log);
        const ideal = dimensions.mlp * Math.exp(others.reduce((sum, value) => sum + value, 0) / others.length);
        for (const mlp of around(fitting, ideal)) {
          const distortion = variance([...others, Math.log(share("mlp", mlp))]);
          if (!best || distortion < best.distortion) best = { sizes: sizesWith(mlp), distortion };
        }
      }
    }
  }
  if (best) return best.sizes;
  throw new RangeError(
    `Cannot choose sizes: the bin from ${bin.least} to ${bin.most} parameters must hold a sub-network of equal blocks ` +
      "and whole heads, found none; widen or move it",
  );
}

/** The sizes on both sides of a wanted one. */
function around(sizes: readonly number[], wanted: number): number[] {
  const below = sizes.filter((size) => size <= wanted).at(-1), above = sizes.find((size) => size > wanted);
  return [below, above].filter((size) => size !== undefined);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
