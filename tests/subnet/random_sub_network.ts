import type { Draws } from "../../lib/draws.ts";
import type { Dimensions } from "../../lib/subnet/dimensions.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";

/** Which dimensions are drawn; the others are kept whole. */
export interface Drawn {
  readonly layers?: boolean;
  readonly width?: boolean;
}

/** Any sub-network that keeps rotated pairs whole: every block has sizes and indices of its own. */
export function randomSubNetwork(dimensions: Dimensions, draws: Draws, { layers, width }: Drawn): SubNetwork {
  const { rotary, headSize } = dimensions;
  const some = (size: number) => draws.subset(upTo(size), 1 + draws.below(size));
  const kept = layers ? some(dimensions.layers) : upTo(dimensions.layers);
  return {
    layers: kept,
    width: width ? some(dimensions.width) : upTo(dimensions.width),
    blocks: kept.map(() => {
      const pairs = some(rotary / 2);
      const passed = upTo(headSize).slice(rotary).filter(() => draws.chance(0.5));
      return {
        groups: some(dimensions.groups),
        headsInGroup: dimensions.headsInGroup > 1 ? some(dimensions.headsInGroup) : [0],
        headDims: [...pairs, ...pairs.map((pair) => pair + rotary / 2), ...passed],
        mlp: some(dimensions.mlp),
      };
    }),
  };
}

/** The whole numbers below a size. */
export function upTo(size: number): number[] {
  return [...Array(size).keys()];
}
