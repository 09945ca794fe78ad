/**
 * What a search is told to find: members of a space that an objective likes, at a cost inside a bin.
 *
 * @module
 */

import type { Bin } from "./bin.ts";
import type { SearchSpace } from "./space.ts";

/**
 * Judges candidates. A level is a rung of a ladder of efforts, for example of growing calibration sets: 0 is the
 * cheapest, and fitnesses of different levels say nothing of each other.
 *
 * @typeParam G A genotype.
 */
export interface Objective<G> {
  /** Candidates that it takes at a time; a search that is interrupted loses as many evaluations. @default {1} */
  readonly batch?: number;
  /**
   * Judges candidates at one level. The same candidate at the same level must always get the same fitness.
   *
   * @returns A finite number for each candidate, lower is better.
   */
  evaluate(candidates: readonly G[], level: number): Promise<readonly number[]>;
  /** Counts the FLOPs of one evaluation. */
  price(genotype: G, level: number): number;
}

/**
 * A search problem.
 *
 * @typeParam G A genotype.
 */
export interface SearchProblem<G> {
  /** What is chosen from. */
  readonly space: SearchSpace<G>;
  /** What a member costs, for example in parameters, FLOPs or measured milliseconds; grows with the member. */
  cost(genotype: G): number;
  /** Where costs must lie. @default {all costs} */
  readonly bin?: Bin;
  /** Further costs by name, for the records alone. */
  readonly costs?: Readonly<Record<string, (genotype: G) => number>>;
  /** What makes one member better than another. */
  readonly objective: Objective<G>;
  /** Returns what names a genotype in the records. @default {the SHA-256 of its text} */
  hashOf?(genotype: G): string | Promise<string>;
}
