/**
 * The best of what a search has seen.
 *
 * @module
 */

import { paretoFront } from "./pareto.ts";
import type { SearchRow } from "./records.ts";

/**
 * The best candidate and the Pareto front over fitness and cost, at the highest level that was evaluated: a row of a
 * higher level displaces all others, and one of a lower level changes nothing.
 *
 * @typeParam G A genotype.
 */
export class Standing<G> {
  #best: SearchRow<G> | undefined;
  #front: SearchRow<G>[] = [];

  /** The row of lowest fitness, of equal ones the first. */
  get best(): SearchRow<G> | undefined {
    return this.#best;
  }

  /** The front's rows in ascending order of cost. */
  get front(): SearchRow<G>[] {
    return [...this.#front].sort((a, b) => a.cost - b.cost);
  }

  /** Adds an evaluation and returns its complete row. */
  add(evaluation: Omit<SearchRow<G>, "best">): SearchRow<G> {
    const { level, fitness } = evaluation;
    const before = this.#best;
    const risen = before === undefined || level > before.level;
    const better = risen || (level === before.level && fitness < before.fitness);
    const row = { ...evaluation, best: better ? fitness : before.fitness };
    if (better) this.#best = row;
    if (risen) {
      this.#front = [row];
    } else if (level === before.level) {
      const rows = [...this.#front, row];
      this.#front = paretoFront(rows.map(({ fitness, cost }) => [fitness, cost])).map((i) => rows[i]!);
    }
    return row;
  }
}
