/**
 * Small teachers, the spaces that are tested over them, and a second reading of what a member of a space is.
 *
 * @module
 */

import { Draws } from "../../lib/draws.ts";
import type { Dimensions } from "../../lib/subnet/dimensions.ts";
import {
  searchSpace,
  type SearchSpaceName,
  searchSpaceNames,
  type SearchSpaceOptions,
} from "../../lib/subnet/search_space.ts";
import type { DimensionName } from "../../lib/subnet/sizes.ts";
import type { SubBlock, SubNetwork } from "../../lib/subnet/sub_network.ts";
import type { SubNetworkSpace } from "../../lib/subnet/sub_network_space.ts";

/** A space with what it was asked to be. */
export interface Case {
  readonly title: string;
  readonly name: SearchSpaceName;
  readonly dimensions: Dimensions;
  readonly options: SearchSpaceOptions;
  readonly space: SubNetworkSpace;
}

/** Multi-head, grouped-query and multi-query attention, with a half, a third, all and half of each head rotated. */
export const teachers = {
  multiHead: { layers: 4, width: 20, groups: 4, headsInGroup: 1, headSize: 8, rotary: 4, mlp: 18 },
  grouped: { layers: 3, width: 7, groups: 3, headsInGroup: 2, headSize: 6, rotary: 2, mlp: 5 },
  multiQuery: { layers: 2, width: 6, groups: 1, headsInGroup: 4, headSize: 8, rotary: 8, mlp: 4 },
  odd: { layers: 2, width: 5, groups: 2, headsInGroup: 2, headSize: 7, rotary: 4, mlp: 3 },
} as const satisfies Record<string, Dimensions>;

/** Steps of one in every dimension. */
export const ones = { layers: 1, width: 1, groups: 1, headsInGroup: 1, headDims: 1, mlp: 1 };

const settings: readonly [title: string, Dimensions, SearchSpaceOptions][] = [
  ["multi-head attention with the default steps", teachers.multiHead, {}],
  ["grouped queries with steps of one and least sizes", teachers.grouped, {
    steps: ones,
    smallest: { layers: 2, headDims: 3, mlp: 2 },
  }],
  ["multi-query attention with a fixed width", teachers.multiQuery, { steps: ones, fixed: ["width"] }],
  ["rotary pairs that may be dropped", teachers.odd, { steps: ones, pairs: true }],
  ["rotated heads whose pairs may be dropped", teachers.multiQuery, { steps: ones, pairs: true }],
  ["rebuilt rotary embeddings", teachers.multiHead, { steps: { ...ones, mlp: 4 }, rope: "rebuild" }],
];

/** Every space with every setting that it can have. */
export const cases: readonly Case[] = searchSpaceNames.flatMap((name) =>
  settings
    .filter(([, , { pairs = false }]) => !pairs || name.startsWith("fine"))
    .map(([title, dimensions, options]) => ({
      title: `${name}, ${title}`,
      ...{ name, dimensions, options, space: searchSpace(name, dimensions, options) },
    }))
);

/** Draws members of a space. */
export function membersOf({ title, space }: Case, count: number): SubNetwork[] {
  const draws = new Draws(1, title);
  return Array.from({ length: count }, () => space.sample(draws));
}

const defaults: Readonly<Record<DimensionName, number>> = {
  ...ones,
  ...{ width: 8, headDims: 2, mlp: 8 },
};

/** Every list of a member with the dimension it belongs to; of a uniform space each dimension once. */
export function listsOf({ layers, width, blocks }: SubNetwork, uniform: boolean): [DimensionName, readonly number[]][] {
  const shown = uniform ? blocks.slice(0, 1) : blocks;
  return [["layers", layers], ["width", width], ...shown.flatMap((block) => Object.entries(block))] as [
    DimensionName,
    readonly number[],
  ][];
}

/** The teacher's size of a dimension. */
export function teacherSize(dimension: DimensionName, dimensions: Dimensions): number {
  return dimension === "headDims" ? dimensions.headSize : dimensions[dimension];
}

/** The sizes that a space allows a dimension, read off the words of its options. */
export function sizesIn(dimension: DimensionName, { dimensions, options }: Case): number[] {
  const full = teacherSize(dimension, dimensions);
  const { steps = {}, smallest = {}, fixed = [], rope = "keep", pairs = false } = options;
  const { rotary, headSize } = dimensions;
  return Array.from({ length: full }, (_, i) => i + 1).filter((size) => {
    if (fixed.includes(dimension)) return size === full;
    const step = steps[dimension] ?? defaults[dimension];
    if (size < full && (size % step !== 0 || size < (smallest[dimension] ?? 1))) return false;
    if (dimension !== "headDims") return true;
    if (rope === "rebuild") return [2, 4, 6, 8].includes(Math.floor(rotary / headSize * size));
    // With nothing behind the rotated dimensions, only pairs are left.
    return pairs ? size >= 2 && (headSize > rotary || size % 2 === 0) : size >= rotary;
  });
}

/** Tells whether a sub-network of legal lists is a member, read off the words that describe the spaces. */
export function isMember(member: SubNetwork, of: Case): boolean {
  const { layers, width, blocks } = member;
  const { name, dimensions: { rotary }, options: { rope = "keep", pairs = false } } = of;
  const all = listsOf(member, false);
  const rotated = ({ headDims }: SubBlock) => headDims.filter((dim) => dim < rotary).length;
  return blocks.length === layers.length &&
    Object.keys({ layers, width, blocks }).length === Object.keys(member).length &&
    all.every(([dimension, list]) => sizesIn(dimension, of).includes(list.length)) &&
    (rope === "rebuild" || pairs || blocks.every((block) => rotated(block) === rotary)) &&
    (name.startsWith("fine") || all.every(([, list]) => list.every((index, i) => index === i))) &&
    (name.endsWith("layerwise") || new Set(blocks.map((block) => JSON.stringify(block))).size === 1);
}
