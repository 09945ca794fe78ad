/**
 * What arms are worth beside the best start that costs nothing to find: first or evenly spaced indices.
 *
 * @module
 */

import { nameOf, REFERENCE, type StartName } from "./arms.ts";
import { type Match, matchOf, type Outcome } from "./match.ts";

/** Starts that need neither a search nor a look at the teacher's activations. */
const CHEAP: readonly StartName[] = ["prefix", "spaced"];

/** How many times less an arm needs than the baseline for the loss that it reaches with a budget. */
export interface BaselineMatch extends Match {
  /** The arm's budget. */
  readonly budget: number;
}

/** The arms beside the strongest cheap baseline. */
export interface BaselineComparison {
  /** Name of the baseline. */
  readonly baseline: string;
  /** The multipliers of each other arm, by budget; above 1 it needs less than the baseline. */
  readonly arms: Readonly<Record<string, readonly BaselineMatch[]>>;
}

/**
 * Compares all arms with the strongest cheap baseline: among plainly trained `prefix` and `spaced`, the one with the
 * lowest loss at the largest budget that all of them have.
 *
 * @param curves Mean outcomes of each arm's budgets.
 * @returns Nothing where no such arm was run, or both were and have no budget in common.
 */
export function compareWithBaseline(
  curves: Readonly<Record<string, readonly Outcome[]>>,
): BaselineComparison | undefined {
  const cheap = CHEAP.map((start) => nameOf({ start, lesson: "plain" })).filter((name) => curves[name]);
  const lossAt = (name: string, tokens: number) => curves[name]!.find((each) => each.tokens === tokens)?.loss;
  const budgets = (curves[cheap[0]!] ?? []).map(({ tokens }) => tokens)
    .filter((tokens) => cheap.every((name) => lossAt(name, tokens) !== undefined));
  const largest = Math.max(...budgets);
  if (budgets.length === 0) return undefined;
  const baseline = cheap.toSorted((a, b) => lossAt(a, largest)! - lossAt(b, largest)!)[0]!;
  const others = Object.keys(curves).filter((name) => name !== baseline && name !== nameOf(REFERENCE));
  const matchesOf = (name: string) =>
    curves[name]!.map((outcome) => ({ budget: outcome.tokens, ...matchOf(outcome, curves[baseline]!) }));
  return { baseline, arms: Object.fromEntries(others.map((name) => [name, matchesOf(name)])) };
}
