/**
 * Index lists that keep any indices, or any rotary pairs.
 *
 * @module
 */

import type { Draws } from "../draws.ts";
import { binomial, combinations, product, range } from "./combinations.ts";
import type { IndexList, IndexLists, Preference } from "./index_lists.ts";
import { pickLogUniform, pickWeighted } from "./weighted.ts";

/** What the lists are put together from: pairs `(i, i + pairs)` of the leading indices, and the single ones behind. */
export interface Units {
  /** Pairs there are; 0 for a dimension that is not rotated. */
  readonly pairs: number;
  /** Pairs that every list keeps at least; all of `pairs` keeps the leading indices whole. */
  readonly leastPairs: number;
  /** Single indices there are. */
  readonly singles: number;
}

/** How many of each are kept. */
interface Split {
  readonly pairs: number;
  readonly singles: number;
}

/** What is kept of each, numbered from 0. */
interface Kept {
  readonly pairs: IndexList;
  readonly singles: IndexList;
}

/** Lists that keep any units. */
export class Subsets implements IndexLists {
  /** The lengths that lists may have, ascending. */
  readonly sizes: readonly number[];
  readonly #units: Units;

  /**
   * Allows subsets of some sizes.
   *
   * @param sizes Ascending; those that no subset has are left out.
   */
  constructor(sizes: readonly number[], units: Units) {
    this.#units = units;
    this.sizes = sizes.filter((size) => this.#splits(size).length > 0);
  }

  /** Tells whether there are several lists of a size. */
  varies(size: number): boolean {
    const { pairs, singles } = this.#units;
    const [split, ...others] = this.#splits(size);
    return others.length > 0 || split!.pairs < pairs && split!.pairs > 0 ||
      split!.singles < singles && split!.singles > 0;
  }

  /** Counts the lists of a size. */
  count(size: number): number {
    return this.#splits(size).reduce((sum, split) => sum + this.#ways(split), 0);
  }

  /** Lists the lists of a size, each once. */
  *all(size: number): Generator<IndexList> {
    const { pairs, singles } = this.#units;
    for (const split of this.#splits(size)) {
      const parts = [() => combinations(pairs, split.pairs), () => combinations(singles, split.singles)];
      for (const [kept, rest] of product(parts)) yield this.#join({ pairs: kept!, singles: rest! });
    }
  }

  /** Draws a list of a size, each with the same probability. */
  draw(size: number, draws: Draws): IndexList {
    const splits = this.#splits(size);
    const split = splits.length > 1 ? pickWeighted(splits, (each) => this.#ways(each), draws) : splits[0]!;
    return this.#join({
      pairs: draws.subset(range(this.#units.pairs), split.pairs),
      singles: draws.subset(range(this.#units.singles), split.singles),
    });
  }

  /** Returns a list of another size: a part of this one or around it, unless pairs make that impossible. */
  resize(list: IndexList, size: number, draws: Draws): IndexList {
    const kept = this.#keptIn(list);
    const splits = this.#splits(size);
    const shared = ({ pairs, singles }: Split) =>
      2 * Math.min(pairs, kept.pairs.length) + Math.min(singles, kept.singles.length);
    const most = Math.max(...splits.map(shared));
    const split = draws.pick(splits.filter((each) => shared(each) === most));
    return this.#join(this.#changed(kept, split, draws));
  }

  /** Returns another list of the same size: some indices are exchanged, few more often than many. */
  exchange(list: IndexList, draws: Draws): IndexList {
    const kept = this.#keptIn(list);
    const { pairs, singles } = this.#units;
    const others = this.#splits(list.length).filter((split) => split.pairs !== kept.pairs.length);
    const moves: (() => Kept)[] = [];
    if (isPart(kept.pairs, pairs)) moves.push(() => ({ ...kept, pairs: swap(kept.pairs, pairs, draws) }));
    if (isPart(kept.singles, singles)) moves.push(() => ({ ...kept, singles: swap(kept.singles, singles, draws) }));
    if (others.length > 0) moves.push(() => this.#changed(kept, draws.pick(others), draws));
    return this.#join(draws.pick(moves)());
  }

  /** Returns the list of a size that a preference asks for: the one worth most of those with its pick of units. */
  choose(size: number, preference: Preference): IndexList {
    const { pairs, singles } = this.#units;
    const pairUnits = range(pairs).map((pair) => this.#join({ pairs: [pair], singles: [] }));
    const singleUnits = range(singles).map((single) => this.#join({ pairs: [], singles: [single] }));
    let best: IndexList = [], most = -Infinity;
    for (const split of this.#splits(size)) {
      const units = [...preference.pick(pairUnits, split.pairs), ...preference.pick(singleUnits, split.singles)];
      const list = units.flat().sort(ascending);
      const worth = list.reduce((sum, index) => sum + preference.worth(index), 0);
      if (worth > most) [best, most] = [list, worth];
    }
    return best;
  }

  /** The ways to divide a size into pairs and single indices, those with most pairs first. */
  #splits(size: number): Split[] {
    const { pairs, leastPairs, singles } = this.#units;
    return range(pairs - leastPairs + 1)
      .map((fewer) => ({ pairs: pairs - fewer, singles: size - 2 * (pairs - fewer) }))
      .filter((split) => split.singles >= 0 && split.singles <= singles);
  }

  #ways({ pairs, singles }: Split): number {
    return binomial(this.#units.pairs, pairs) * binomial(this.#units.singles, singles);
  }

  #changed(kept: Kept, split: Split, draws: Draws): Kept {
    return {
      pairs: resized(kept.pairs, split.pairs, this.#units.pairs, draws),
      singles: resized(kept.singles, split.singles, this.#units.singles, draws),
    };
  }

  #keptIn(list: IndexList): Kept {
    const { pairs } = this.#units;
    return {
      pairs: list.filter((index) => index < pairs),
      singles: list.filter((index) => index >= 2 * pairs).map((index) => index - 2 * pairs),
    };
  }

  #join(kept: Kept): IndexList {
    const { pairs } = this.#units;
    return [
      ...kept.pairs,
      ...kept.pairs.map((index) => index + pairs),
      ...kept.singles.map((index) => index + 2 * pairs),
    ];
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Tells whether some are kept and some are not. */
function isPart(kept: IndexList, of: number): boolean {
  return kept.length > 0 && kept.length < of;
}

function othersThan(kept: IndexList, of: number): number[] {
  const known = new Set(kept);
  return range(of).filter((index) => !known.has(index));
}

function resized(kept: IndexList, count: number, of: number, draws: Draws): IndexList {
  if (count <= kept.length) return draws.subset(kept, count);
  return [...kept, ...draws.subset(othersThan(kept, of), count - kept.length)].sort(ascending);
}

function swap(kept: IndexList, of: number, draws: Draws): IndexList {
  const others = othersThan(kept, of);
  const count = pickLogUniform(range(Math.min(kept.length, others.length)).map((i) => i + 1), draws);
  const stays = draws.subset(kept, kept.length - count);
  return [...stays, ...draws.subset(others, count)].sort(ascending);
}
