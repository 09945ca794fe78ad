/**
 * Whether what is known of a student before training says what it reaches.
 *
 * @module
 */

import { type RankCorrelation, rankCorrelation } from "../search/rank_correlation.ts";
import { isCutOut } from "./arms.ts";
import type { CellResult } from "./results.ts";

/** How the losses of one budget go with what was known before. */
export interface StudyCorrelation extends RankCorrelation {
  /** What was known: the held-out loss before training, or what a search judged by. */
  readonly of: "untrained_loss" | "fitness";
  /** Budget. */
  readonly tokens: number;
  /** Students. */
  readonly students: number;
}

/** Fewer say nothing of an order. */
const FEWEST = 4;

/** Correlates the plainly trained students that were cut out of the teacher, budget by budget. */
export function correlationsOf(results: readonly CellResult[]): StudyCorrelation[] {
  const budgets = [...new Set(results.map(({ tokens }) => tokens))].sort((a, b) => a - b);
  const plain = results.filter(({ start, lesson }) => lesson === "plain" && isCutOut(start));
  return (["untrained_loss", "fitness"] as const).flatMap((of) =>
    budgets.flatMap((tokens) => {
      const students = plain.filter((each) => each.tokens === tokens && each[of] !== undefined);
      const known = students.map((each) => each[of]!);
      if (new Set(known).size < FEWEST) return [];
      return [{ of, tokens, students: students.length, ...rankCorrelation(known, students.map(({ loss }) => loss)) }];
    })
  );
}
