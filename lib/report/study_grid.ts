/**
 * A study as one table of starts and lessons.
 *
 * @module
 */

import { lessonOf, startOf } from "./arm_name.ts";
import { type StudyTableBudget, times } from "./study_table.ts";
import type { Column } from "./table.ts";

/** What the grid reads of a study. */
export interface StudyGridSummary {
  /** The budgets of each arm, by names such as `prefix` and `prefix+online`. */
  readonly arms: Readonly<Record<string, { readonly budgets: readonly StudyTableBudget[] }>>;
}

/** A start, and what it came to with each lesson. */
export interface StudyGridRow {
  readonly start: string;
  readonly cells: ReadonlyMap<string, StudyTableBudget>;
}

/** A study at one budget. */
export interface StudyGridTable {
  /** The budget that most arms have, of equal ones the largest. */
  readonly tokens: number;
  readonly columns: readonly Column<StudyGridRow>[];
  readonly rows: readonly StudyGridRow[];
}

const PLAIN = "text alone";

/**
 * Lays out starts down and lessons across: the loss in nats a token, how many times fewer tokens and how many times fewer
 * FLOPs the reference would need.
 *
 * @returns Nothing where no arm has a lesson.
 */
export function studyGrid({ arms }: StudyGridSummary): StudyGridTable | undefined {
  const lessons = [...new Set(Object.keys(arms).map(titleOf))];
  if (lessons.length < 2) return undefined;
  const counts = new Map<number, number>();
  for (const { budgets } of Object.values(arms)) {
    for (const { tokens } of budgets) counts.set(tokens, (counts.get(tokens) ?? 0) + 1);
  }
  const [[tokens]] = [...counts].sort(([a, many], [b, more]) => more - many || b - a) as [[number, number]];
  const at = (arm: string) => arms[arm]!.budgets.find((budget) => budget.tokens === tokens);
  const starts = Map.groupBy(Object.keys(arms).filter(at), startOf);
  return {
    tokens,
    columns: [
      { title: "start", align: "left", text: ({ start }) => start },
      ...lessons.map((lesson) => ({ title: lesson, text: ({ cells }: StudyGridRow) => describe(cells.get(lesson)) })),
    ],
    rows: [...starts].map(([start, own]) => ({ start, cells: new Map(own.map((arm) => [titleOf(arm), at(arm)!])) })),
  };
}

function titleOf(arm: string): string {
  return lessonOf(arm) ?? PLAIN;
}

function describe(budget: StudyTableBudget | undefined): string {
  if (!budget) return "";
  const { loss_mean, tokens_to_match: tokens, flops_to_match: flops, bound } = budget;
  return `${loss_mean.toFixed(3)}, ${times(tokens, bound)}, ${times(flops, bound)}`;
}
