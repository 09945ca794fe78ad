/**
 * The named spaces of sub-networks, and what can be asked of them.
 *
 * @module
 */

import { show } from "../unknown.ts";
import type { Dimensions } from "./dimensions.ts";
import { type IndexLists, Prefixes } from "./index_lists.ts";
import { canRebuild, type RopeOptions } from "./rope.ts";
import { type DimensionName, dimensionNames, fullSize } from "./sizes.ts";
import { SubNetworkSpace } from "./sub_network_space.ts";
import { Subsets, type Units } from "./subsets.ts";

/** Names of the spaces, the smallest first. */
export const searchSpaceNames = ["coarse-uniform", "coarse-layerwise", "fine-uniform", "fine-layerwise"] as const;

/**
 * Name of a space. In a `coarse` space sub-networks keep the first indices of each dimension, in a `fine` one any; in a
 * `uniform` space they keep the same in all kept layers, in a `layerwise` one each layer has its own sizes and indices.
 */
export type SearchSpaceName = typeof searchSpaceNames[number];

/**
 * What may be asked of a space. Dimensions are called `layers`, `width`, `groups` (with multi-head attention: the heads,
 * as each is a group of its own), `headsInGroup`, `headDims` and `mlp`.
 */
export interface SearchSpaceOptions extends RopeOptions {
  /**
   * Sizes are multiples of these, or the teacher's size.
   *
   * @default {{ layers: 1, width: 8, groups: 1, headsInGroup: 1, headDims: 2, mlp: 8 }}
   */
  readonly steps?: Readonly<Partial<Record<DimensionName, number>>>;
  /** Sizes are at least these. @default {the steps} */
  readonly smallest?: Readonly<Partial<Record<DimensionName, number>>>;
  /** Dimensions that are kept whole, whatever their step and smallest size. @default {[]} */
  readonly fixed?: readonly DimensionName[];
  /**
   * Whether members of fine spaces may drop rotary pairs. Without it all rotated dimensions are kept and only those
   * behind them are dropped, so that a member's config says what it rotates. Only `rope: "keep"` has pairs.
   *
   * @default {false}
   */
  readonly pairs?: boolean;
}

const defaultSteps = { layers: 1, width: 8, groups: 1, headsInGroup: 1, headDims: 2, mlp: 8 };

/**
 * Returns the space of that name: all sub-networks of a teacher that have its form.
 *
 * @throws {RangeError} If there is no such space, or no such option.
 */
export function searchSpace(
  name: SearchSpaceName,
  dimensions: Dimensions,
  options: SearchSpaceOptions = {},
): SubNetworkSpace {
  if (!searchSpaceNames.includes(name)) {
    throw new RangeError(
      `Cannot find search space ${show(name)}: it must be one of ${searchSpaceNames.join(", ")}`,
    );
  }
  const fine = name.startsWith("fine");
  checkOptions(name, dimensions, options);
  const listsOf = (dimension: DimensionName): IndexLists => {
    const sizes = allowedSizes(dimension, dimensions, options);
    const lists = new Subsets(sizes, unitsOf(dimension, dimensions, options));
    return fine ? lists : new Prefixes(lists.sizes);
  };
  const lists = Object.fromEntries(dimensionNames.map((dimension) => [dimension, listsOf(dimension)]));
  return new SubNetworkSpace({
    ...{ name, dimensions, fine, uniform: name.endsWith("uniform") },
    lists: lists as Record<DimensionName, IndexLists>,
  });
}

function allowedSizes(dimension: DimensionName, dimensions: Dimensions, options: SearchSpaceOptions): number[] {
  const full = fullSize(dimension, dimensions);
  if (options.fixed?.includes(dimension)) return [full];
  const step = options.steps?.[dimension] ?? defaultSteps[dimension];
  const least = options.smallest?.[dimension] ?? 1;
  const sizes: number[] = [];
  for (let size = step; size < full; size += step) if (size >= least) sizes.push(size);
  const rebuilt = dimension === "headDims" && options.rope === "rebuild";
  return [...sizes, full].filter((size) => !rebuilt || canRebuild(size, dimensions));
}

function unitsOf(dimension: DimensionName, dimensions: Dimensions, { rope, pairs }: SearchSpaceOptions): Units {
  const full = fullSize(dimension, dimensions);
  if (dimension !== "headDims" || rope === "rebuild") return { pairs: 0, leastPairs: 0, singles: full };
  const half = dimensions.rotary / 2;
  return { pairs: half, leastPairs: pairs ? 1 : half, singles: full - dimensions.rotary };
}

function checkOptions(name: SearchSpaceName, dimensions: Dimensions, options: SearchSpaceOptions): void {
  const refuse = (option: string, rule: string, found: unknown): never => {
    throw new RangeError(`Cannot make search space ${name}: '${option}' must be ${rule}, found ${show(found)}`);
  };
  const { steps = {}, smallest = {}, fixed = [], rope = "keep", pairs = false } = options;
  const checkName = (option: string, dimension: string) => {
    if (!dimensionNames.some((known) => known === dimension)) {
      refuse(option, `about dimensions (${dimensionNames.join(", ")})`, dimension);
    }
  };
  for (const dimension of fixed) checkName("fixed", dimension);
  for (const [option, sizes] of Object.entries({ steps, smallest })) {
    for (const [dimension, size] of Object.entries(sizes)) {
      checkName(option, dimension);
      const full = fullSize(dimension as DimensionName, dimensions);
      const most = option === "smallest" ? full : Infinity;
      if (!Number.isSafeInteger(size) || size < 1 || size > most) {
        const bound = option === "smallest" ? `from 1 to the teacher's ${full}` : "of at least 1";
        refuse(`${option}.${dimension}`, `a whole number ${bound}`, size);
      }
    }
  }
  if (rope !== "keep" && rope !== "rebuild") refuse("rope", '"keep" or "rebuild"', rope);
  if (pairs && (rope !== "keep" || !name.startsWith("fine"))) {
    refuse("pairs", 'false where rope is "rebuild" or indices are the first ones', pairs);
  }
}
