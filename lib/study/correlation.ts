/**
 * Whether what is known of a student before training says what it reaches.
 *
 * @module
 */

import { type RankCorrelation, rankCorrelation } from "../search/rank_correlation.ts";
import { mean } from "../statistics.ts";
import { isCutOut, isSearched, isSeeded } from "./arms.ts";
import type { CellResult } from "./results.ts";

/** How the losses of one budget go with what was known before. */
export interface StudyCorrelation extends RankCorrelation {
  /** What was known: the held-out loss before training, or what a search judged by. */
  readonly of: "untrained_loss" | "fitness";
  /** Budget. */
  readonly tokens: number;
  /** Students; one that several seeds train counts once, with the mean of its losses. */
  readonly students: number;
}

/** Fewer say nothing of an order. */
const FEWEST = 4;

/**
 * Correlates the plainly trained students that were cut out of the teacher, budget by budget; of what a search judged
 * by, those alone that a search found.
 */
export function correlationsOf(results: readonly CellResult[]): StudyCorrelation[] {
  const budgets = [...new Set(results.map(({ tokens }) => tokens))].sort((a, b) => a - b);
  const plain = results.filter(({ start, lesson }) => lesson === "plain" && isCutOut(start));
  const searched = plain.filter(({ start, fitness }) => isSearched(start) && fitness !== undefined);
  return ([["untrained_loss", plain], ["fitness", searched]] as const).flatMap(([of, rows]) =>
    budgets.flatMap((tokens) => {
      const students = [...Map.groupBy(rows.filter((row) => row.tokens === tokens), studentOf).values()];
      const known = students.map(([first]) => first![of]!);
      if (new Set(known).size < FEWEST) return [];
      const losses = students.map((runs) => mean(runs.map(({ loss }) => loss)));
      return [{ of, tokens, students: students.length, ...rankCorrelation(known, losses) }];
    })
  );
}

function studentOf({ start, seed }: CellResult): string {
  return isSeeded(start) ? `${start} ${seed}` : start;
}
