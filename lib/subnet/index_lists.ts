/**
 * The index lists that a space lets one dimension have.
 *
 * @module
 */

import type { Draws } from "../draws.ts";
import { range } from "./combinations.ts";

/** A list of kept indices, ascending. */
export type IndexList = readonly number[];

/** Which indices are kept where chance does not decide. */
export interface Preference {
  /** Returns how much an index is worth; of the lists that a pick allows, the one worth most is taken. */
  worth(index: number): number;
  /** Picks `count` units of several, each a list of indices that are kept or dropped together. */
  pick(units: readonly IndexList[], count: number): IndexList[];
}

/** The index lists of one dimension. Every list that is taken or returned is one of them. */
export interface IndexLists {
  /** The lengths that lists may have, ascending. */
  readonly sizes: readonly number[];
  /** Tells whether there are several lists of a size. */
  varies(size: number): boolean;
  /** Counts the lists of a size: exactly below 2^53. */
  count(size: number): number;
  /** Lists the lists of a size, each once. */
  all(size: number): Iterable<IndexList>;
  /** Draws a list of a size, each with the same probability. */
  draw(size: number, draws: Draws): IndexList;
  /** Returns a list of another size that keeps as much of this one as can be. */
  resize(list: IndexList, size: number, draws: Draws): IndexList;
  /** Returns another list of the same size; there must be one. */
  exchange(list: IndexList, draws: Draws): IndexList;
  /** Returns the list of a size that a preference asks for. */
  choose(size: number, preference: Preference): IndexList;
}

/** Lists that keep the first indices, so that their size says all. */
export class Prefixes implements IndexLists {
  /** The lengths that lists may have, ascending. */
  readonly sizes: readonly number[];

  /** Allows the prefixes of these lengths. */
  constructor(sizes: readonly number[]) {
    this.sizes = sizes;
  }

  /** Returns false: there is one prefix of a size. */
  varies(): boolean {
    return false;
  }

  /** Returns 1. */
  count(): number {
    return 1;
  }

  /** Lists the one prefix. */
  all(size: number): IndexList[] {
    return [range(size)];
  }

  /** Returns the prefix without a draw. */
  draw(size: number): IndexList {
    return range(size);
  }

  /** Returns the prefix of the new size. */
  resize(_: IndexList, size: number): IndexList {
    return range(size);
  }

  /** Returns the list: there is no other. */
  exchange(list: IndexList): IndexList {
    return list;
  }

  /** Returns the prefix, whatever is preferred. */
  choose(size: number): IndexList {
    return range(size);
  }
}
