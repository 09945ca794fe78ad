/**
 * Going on with a search from the rows that it reported.
 *
 * @module
 */

import { canonicalJson } from "../data/hash.ts";
import { isObject, show } from "../unknown.ts";
import { SearchError, type SearchRow } from "./records.ts";

/**
 * The first rows of a search that is done again: they stand in for the objective, and must be what the search would
 * report, row by row. A fitness that was changed to another number shows where the search then takes another way.
 *
 * @typeParam G A genotype.
 */
export class Replay<G> {
  readonly #rows: readonly SearchRow<G>[];

  /** Takes the rows in the order in which they were reported. */
  constructor(rows: Iterable<SearchRow<G>>) {
    this.#rows = [...rows];
  }

  /**
   * Returns the fitness that an evaluation had, if its row is known.
   *
   * @param evaluation Number of the evaluation, from 1.
   * @throws {SearchError} If the row has no fitness.
   */
  fitness(evaluation: number): number | undefined {
    if (evaluation > this.#rows.length) return undefined;
    const row: unknown = this.#rows[evaluation - 1];
    if (isObject(row) && Number.isFinite(row.fitness)) return row.fitness as number;
    throw mismatch(evaluation, "must have a finite number 'fitness'", row);
  }

  /**
   * Compares a row with the known one of its number, if there is one.
   *
   * @throws {SearchError} If they differ.
   */
  check(row: SearchRow<G>): void {
    const known = this.#rows[row.evaluation - 1];
    if (known === undefined) return;
    const here: Record<string, unknown> = { ...row }, there: Record<string, unknown> = { ...known };
    const field = Object.keys({ ...here, ...there })
      .find((name) => canonicalJson(here[name]) !== canonicalJson(there[name]));
    if (field === undefined) return;
    throw mismatch(row.evaluation, `must have '${field}' = ${show(here[field])}`, there[field]);
  }

  /**
   * Makes sure that a search which has ended has met all known rows.
   *
   * @throws {SearchError} If it ended before.
   */
  end(evaluations: number): void {
    if (evaluations >= this.#rows.length) return;
    throw mismatch(
      evaluations + 1,
      `must not be there, for the search ends with row ${evaluations}`,
      this.#rows.at(evaluations),
    );
  }
}

function mismatch(row: number, rule: string, found: unknown): SearchError {
  return new SearchError(
    `Cannot resume the search: row ${row} ${rule}, found ${
      show(found)
    }; give the undamaged rows of the same problem, ` +
      `options and seed`,
  );
}
