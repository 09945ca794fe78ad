/**
 * Arms beside a reference: what each reached with a budget, and how many times fewer tokens and FLOPs it needs.
 *
 * @module
 */

import type { StudyChartBudget } from "../report/study_chart.ts";
import { mean, standardDeviation } from "../statistics.ts";
import { matchOf, type Outcome } from "./match.ts";

/** What a run of an arm came to. */
export interface ArmOutcome extends Outcome {
  /** Runs of one arm and number of tokens are seeds of the same thing. */
  readonly arm: string;
}

/** What the runs of one arm and budget came to. */
export interface ArmBudget extends StudyChartBudget {
  /** Mean of all FLOPs spent, all parts of the method included. */
  readonly flops: number;
  /** Runs, each with a seed of its own. */
  readonly runs: number;
}

/** Arms beside a reference, as `studyLossChart` and `studyMatchChart` draw them. */
export interface ArmComparison {
  /** Name of the arm that the others are compared with. */
  readonly reference: string;
  /** The budgets of each arm, the smallest first. */
  readonly arms: Readonly<Record<string, { readonly budgets: readonly ArmBudget[] }>>;
}

/**
 * Compares arms with one of them, budget by budget.
 *
 * @param outcomes One for each run; those of one arm and number of tokens are averaged.
 * @param reference Name of the arm to compare with; a budget of it that is not there lies on the line between two others.
 * @throws {RangeError} If the reference has no outcome.
 */
export function compareArms(outcomes: readonly ArmOutcome[], reference: string): ArmComparison {
  const arms = Map.groupBy(outcomes, ({ arm }) => arm);
  const own = arms.get(reference);
  if (!own) {
    throw new RangeError(
      `Cannot compare arms: the reference '${reference}' must have an outcome, found ${
        arms.size === 0 ? "no arms" : `arms ${[...arms.keys()].join(", ")}`
      }; add it, or name another one`,
    );
  }
  const curve = byTokens(own).map(meanOf);
  return {
    reference,
    arms: Object.fromEntries(
      [...arms].map(([name, runs]) => [name, { budgets: byTokens(runs).map((runs) => armBudget(runs, curve)) }]),
    ),
  };
}

/** Sums up runs of one arm and budget beside the curve of the reference. */
export function armBudget(outcomes: readonly Outcome[], curve: readonly Outcome[]): ArmBudget {
  const all = meanOf(outcomes);
  const match = matchOf(all, curve);
  const each = outcomes.map((outcome) => matchOf(outcome, curve));
  const range = (of: "tokens" | "flops") =>
    [Math.min(...each.map((match) => match[of])), Math.max(...each.map((match) => match[of]))] as const;
  return {
    ...{ tokens: all.tokens, flops: all.flops, runs: outcomes.length },
    ...{ loss_mean: all.loss, loss_std: standardDeviation(outcomes.map(({ loss }) => loss)) },
    ...{ tokens_to_match: match.tokens, flops_to_match: match.flops },
    ...{ tokens_to_match_range: range("tokens"), flops_to_match_range: range("flops") },
    ...(match.bound && { bound: match.bound }),
  };
}

/** Puts runs of one number of tokens together, the smallest first. */
export function byTokens<R extends { readonly tokens: number }>(runs: readonly R[]): R[][] {
  return [...Map.groupBy(runs, ({ tokens }) => tokens)].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** The mean of outcomes. */
export function meanOf(outcomes: readonly Outcome[]): Outcome {
  const of = (name: keyof Outcome) => mean(outcomes.map((outcome) => outcome[name]));
  return { tokens: of("tokens"), flops: of("flops"), loss: of("loss") };
}
