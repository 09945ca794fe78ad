/**
 * Tables of a study.
 *
 * @module
 */

import { formatCount } from "../units.ts";
import type { Column } from "./table.ts";

/** What a row of the table reads. */
export interface StudyTableBudget {
  readonly tokens: number;
  readonly runs: number;
  readonly loss_mean: number;
  readonly loss_std: number;
  readonly bits_per_byte: number;
  readonly tokens_to_match: number;
  readonly flops_to_match: number;
  readonly bound?: "at_least" | "at_most" | undefined;
}

/** A budget of an arm. */
export interface StudyTableRow extends StudyTableBudget {
  readonly arm: string;
}

/** Lays out what each arm reached and how many times less it needs; a multiplier below 1 says that it needs more. */
export const studyColumns: readonly Column<StudyTableRow>[] = [
  { title: "start", align: "left", text: ({ arm }) => arm },
  { title: "tokens", text: ({ tokens }) => formatCount(tokens) },
  {
    title: "nats a token",
    text: (row) => `${row.loss_mean.toFixed(3)}${row.runs > 1 ? ` ± ${row.loss_std.toFixed(3)}` : ""}`,
  },
  { title: "bits a byte", text: ({ bits_per_byte }) => bits_per_byte.toFixed(3) },
  { title: "seeds", text: ({ runs }) => String(runs) },
  { title: "fewer tokens", text: ({ tokens_to_match, bound }) => times(tokens_to_match, bound) },
  { title: "fewer FLOPs", text: ({ flops_to_match, bound }) => times(flops_to_match, bound) },
];

/**
 * Returns the rows, arm by arm in the order of their names' first results.
 *
 * @typeParam Budget What is known of an arm at a budget.
 */
export function studyRows<Budget>(
  { arms }: { readonly arms: Readonly<Record<string, { readonly budgets: readonly Budget[] }>> },
): (Budget & { readonly arm: string })[] {
  return Object.entries(arms).flatMap(([arm, { budgets }]) => budgets.map((budget) => ({ arm, ...budget })));
}

/** Writes a multiplier, with a sign where it is a bound. */
export function times(value: number, bound: StudyTableBudget["bound"]): string {
  const side = bound === "at_least" ? "> " : bound === "at_most" ? "< " : "";
  return `${side}${value.toFixed(value < 10 ? 2 : 1)}x`;
}
