/**
 * What a search reports.
 *
 * @module
 */

/**
 * One evaluation: what a task prints, a notebook plots and a file keeps.
 *
 * @typeParam G A genotype.
 */
export interface SearchRow<G> {
  /** Number of the evaluation, from 1. */
  readonly evaluation: number;
  /** Generation of the candidate, from 0. */
  readonly generation: number;
  /** The candidate. */
  readonly genotype: G;
  /** What names the candidate: equal genotypes, and only they, have equal hashes. */
  readonly hash: string;
  /** What the bin bounds. */
  readonly cost: number;
  /** The problem's further costs by name. */
  readonly costs: Readonly<Record<string, number>>;
  /** The level of the evaluation; fitnesses of different levels say nothing of each other. */
  readonly level: number;
  /** What the objective says of the candidate, lower is better. */
  readonly fitness: number;
  /** FLOPs that the search has spent so far, this evaluation's included. */
  readonly flops: number;
  /** The lowest fitness so far at the highest level so far. */
  readonly best: number;
}

/** What ended a search: a limit of its budget, or that it found no new candidates. */
export type SearchEnd = "generations" | "evaluations" | "flops" | "exhausted";

/**
 * What a search has found so far.
 *
 * @typeParam G A genotype.
 */
export interface SearchResult<G> {
  /** The row of the best candidate at the highest level, of equal ones the first; none before the first row. */
  readonly best?: SearchRow<G>;
  /** Rows of the highest level that no other one beats in both fitness and cost, in ascending order of cost. */
  readonly front: readonly SearchRow<G>[];
  /** Evaluations made, replayed ones included. */
  readonly evaluated: number;
  /** Fitnesses that were asked for again at the same level, and known. */
  readonly cached: number;
  /** Candidates that were drawn again at a level, and replaced by others. */
  readonly duplicates: number;
  /** Draws that could not be brought into a bin. */
  readonly rejected: number;
  /** FLOPs spent. */
  readonly flops: number;
  /** What ended the search; nothing while it is under way. */
  readonly ended?: SearchEnd;
}

/** Thrown when a search cannot go on; the rows that were reported before are right. */
export class SearchError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "SearchError";
}
