import type { Draws } from "../../lib/draws.ts";
import type { SearchSpace } from "../../lib/search/space.ts";

/** A size for each dimension. */
export type Sizes = readonly number[];

/** Kept indices of each part, in ascending order and at least one. */
export type Subsets = readonly (readonly number[])[];

/** A space of lists of sizes, each from 1 to a limit of its own: what coarse spaces are like. */
export function sizesSpace(limits: Sizes): SearchSpace<Sizes> {
  const step = (parent: Sizes, by: number, draws: Draws) => {
    const free = limits.flatMap((limit, i) => parent[i]! + by >= 1 && parent[i]! + by <= limit ? [i] : []);
    if (free.length === 0) return undefined;
    const i = draws.pick(free);
    return parent.with(i, parent[i]! + by);
  };
  return {
    smallest: () => limits.map(() => 1),
    largest: () => [...limits],
    sample: (draws) => limits.map((limit) => 1 + draws.below(limit)),
    mutate: (parent, draws) => {
      const i = draws.below(limits.length);
      return parent.with(i, 1 + (parent[i]! + draws.below(limits[i]! - 1)) % limits[i]!);
    },
    grow: (parent, draws) => step(parent, 1, draws),
    shrink: (parent, draws) => step(parent, -1, draws),
    crossOver: (a, b, draws) => a.map((size, i) => draws.chance(0.5) ? size : b[i]!),
    textOf: (genotype) => genotype.join(" "),
    count: () => limits.reduce((product, limit) => product * limit, 1),
    enumerate: () => products(limits.map((limit) => Array.from({ length: limit }, (_, i) => i + 1))),
  };
}

/** A space of subsets of indices, one for each of several parts: what fine spaces are like. */
export function subsetsSpace(totals: Sizes): SearchSpace<Subsets> {
  const all = totals.map((total) => Array.from({ length: total }, (_, i) => i));
  const missing = (genotype: Subsets, part: number) => all[part]!.filter((i) => !genotype[part]!.includes(i));
  const add = (genotype: Subsets, part: number, draws: Draws) =>
    genotype.with(part, ascending([...genotype[part]!, draws.pick(missing(genotype, part))]));
  const drop = (genotype: Subsets, part: number, draws: Draws) =>
    genotype.with(part, draws.subset(genotype[part]!, genotype[part]!.length - 1));
  const pickPart = (draws: Draws, fits: (part: number) => boolean) => {
    const parts = all.flatMap((_, part) => fits(part) ? [part] : []);
    return parts.length === 0 ? undefined : draws.pick(parts);
  };
  return {
    smallest: () => totals.map(() => [0]),
    largest: () => all,
    sample: (draws) => all.map((indices) => draws.subset(indices, 1 + draws.below(indices.length))),
    mutate: (parent, draws) => {
      const part = pickPart(draws, (part) => parent[part]!.length < totals[part]!);
      if (part === undefined) return drop(parent, draws.below(totals.length), draws);
      const added = draws.pick(missing(parent, part));
      const kept = draws.chance(0.5) ? parent[part]! : draws.subset(parent[part]!, parent[part]!.length - 1);
      return parent.with(part, ascending([...kept, added]));
    },
    grow: (parent, draws) => {
      const part = pickPart(draws, (part) => parent[part]!.length < totals[part]!);
      return part === undefined ? undefined : add(parent, part, draws);
    },
    shrink: (parent, draws) => {
      const part = pickPart(draws, (part) => parent[part]!.length > 1);
      return part === undefined ? undefined : drop(parent, part, draws);
    },
    crossOver: (a, b, draws) => a.map((indices, part) => draws.chance(0.5) ? indices : b[part]!),
    textOf: (genotype) => genotype.map((indices) => indices.join(",")).join(" "),
    count: () => totals.reduce((product, total) => product * (2 ** total - 1), 1),
    enumerate: () => products(all.map(nonEmptySubsets)),
  };
}

function ascending(indices: readonly number[]): number[] {
  return [...indices].sort((a, b) => a - b);
}

function nonEmptySubsets(indices: readonly number[]): number[][] {
  return products(indices.map((i) => [[], [i]])).map((parts) => parts.flat()).filter(({ length }) => length > 0);
}

function products<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>((lists, values) => lists.flatMap((list) => values.map((value) => [...list, value])), [
    [],
  ]);
}
