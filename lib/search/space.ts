/**
 * What a search needs to know of the things it chooses among.
 *
 * @module
 */

import type { Draws } from "../draws.ts";

/**
 * A space of genotypes. Every method returns members of the space, and the same ones for the same draws.
 *
 * @typeParam G A genotype: plain data that is never changed in place.
 */
export interface SearchSpace<G> {
  /** Returns the cheapest member. */
  smallest(): G;
  /** Returns the most expensive member. */
  largest(): G;
  /** Draws a member. */
  sample(draws: Draws): G;
  /** Returns a neighbour: one dimension has another size or, where members choose freely, other indices. */
  mutate(parent: G, draws: Draws): G;
  /** Returns a neighbour that is one step larger in one dimension, drawn; undefined for the largest member. */
  grow(parent: G, draws: Draws): G | undefined;
  /** Returns a neighbour that is one step smaller in one dimension, drawn; undefined for the smallest member. */
  shrink(parent: G, draws: Draws): G | undefined;
  /** Returns a member each of whose dimensions comes from one of two parents. */
  crossOver(a: G, b: G, draws: Draws): G;
  /** Returns the one text of a genotype: equal genotypes, and only they, have equal texts. */
  textOf(genotype: G): string;
  /** Counts the members, where they are few enough to be counted exactly in a double. */
  count(): number | undefined;
  /** Lists all members, each once. */
  enumerate(): Iterable<G>;
}
