/**
 * What all search methods have in common: they ask for fitnesses, and choose by the answers what to ask next.
 *
 * @module
 */

import type { Breeder } from "./breeder.ts";
import type { ResolvedOptions } from "./options.ts";

/**
 * Candidates whose fitnesses a method wants.
 *
 * @typeParam G A genotype.
 */
export interface Question<G> {
  /** Generation of the candidates, from 0; methods without generations count `population` candidates as one. */
  readonly generation: number;
  /** The level at which all of them are evaluated. */
  readonly level: number;
  /** The candidates, at least one. */
  readonly candidates: readonly G[];
}

/** The answer to a question. */
export interface Answer {
  /** Fitness of each candidate, lower is better. */
  readonly fitnesses: readonly number[];
  /** Share of the search's budget that is spent, from 0 to 1. */
  readonly progress: number;
}

/**
 * A method under way: a generator of questions that ends when it finds no new candidates.
 *
 * It is a function of the draws, the options and the answers alone, so that a search which gets the same answers asks
 * the same questions. Budgets are not its concern: the search stops asking.
 *
 * @typeParam G A genotype.
 */
export type Asking<G, Result = void> = Generator<Question<G>, Result, Answer>;

/** Begins a search. */
export type Method = <G>(breeder: Breeder<G>, options: ResolvedOptions<G>) => Asking<G>;

/**
 * A candidate with its fitness; the level is that of the question.
 *
 * @typeParam G A genotype.
 */
export interface Scored<G> {
  /** The candidate. */
  readonly genotype: G;
  /** Lower is better. */
  readonly fitness: number;
}

/** Asks one question and returns the candidates with their fitnesses, and the share of the budget that is spent. */
export function* ask<G>(question: Question<G>): Asking<G, { scored: Scored<G>[]; progress: number }> {
  const { fitnesses, progress } = yield question;
  return { scored: question.candidates.map((genotype, i) => ({ genotype, fitness: fitnesses[i]! })), progress };
}

/** Returns the candidates of lowest fitness, best first; of equal ones those that come first. */
export function best<G>(scored: readonly Scored<G>[], count: number): Scored<G>[] {
  return [...scored].sort((a, b) => a.fitness - b.fitness).slice(0, count);
}
