/**
 * The summary of a study: what each arm reached, and how many times fewer tokens and FLOPs it needs than the reference.
 *
 * @module
 */

import { mean, standardDeviation } from "../statistics.ts";
import { type Ablation, ablationsOf } from "./ablation.ts";
import { nameOf, REFERENCE } from "./arms.ts";
import { type BaselineComparison, compareWithBaseline } from "./baseline.ts";
import { correlationsOf, type StudyCorrelation } from "./correlation.ts";
import { matchOf, type Needed, type Outcome } from "./match.ts";
import { type CellResult, outcomeOf } from "./results.ts";

/** What the runs of one arm and budget came to. */
export interface BudgetSummary {
  /** Tokens trained on. */
  readonly tokens: number;
  /** Mean of all FLOPs spent: training, teacher, search and repair. */
  readonly flops: number;
  /** Runs, each with a seed of its own. */
  readonly runs: number;
  /** Mean held-out loss over seeds, in nats a token. */
  readonly loss_mean: number;
  /** Standard deviation of a sample; 0 for one seed, which says nothing. */
  readonly loss_std: number;
  /** The mean in bits a byte. */
  readonly bits_per_byte: number;
  /** How many times more tokens the reference needs for the mean loss. */
  readonly tokens_to_match: number;
  /** How many times more FLOPs it needs. */
  readonly flops_to_match: number;
  /** The first for the losses of the seeds, from the worst to the best. */
  readonly tokens_to_match_range: readonly [number, number];
  /** The second likewise. */
  readonly flops_to_match_range: readonly [number, number];
  /** `at_least` or `at_most` where the loss lies outside the reference's curve. */
  readonly bound?: Needed["bound"] | undefined;
}

/** What an arm came to. */
export interface ArmSummary {
  /** Seeds of its runs. */
  readonly seeds: readonly number[];
  /** The learning rate that was tuned for it. */
  readonly lr: number;
  /** Mean parameters of its students. */
  readonly parameters: number;
  /** Mean held-out loss before training, in nats a token. */
  readonly untrained_loss: number;
  /** The smallest budget first. */
  readonly budgets: readonly BudgetSummary[];
}

/** What a study compares all else with, and on what. */
export interface StudyFrame {
  /** What is trained on. */
  readonly corpus: string;
  /** Of the teacher. */
  readonly teacher_parameters: number;
  /** Held-out loss of the teacher, in nats a token. */
  readonly teacher_loss: number;
}

/** What a study came to; `fixtures/results/summary.json` is one. */
export interface StudySummary extends StudyFrame {
  /** Name of the arm that the others are compared with. */
  readonly reference: string;
  /** Parameters of the reference's students. */
  readonly student_parameters: number;
  /** By name. */
  readonly arms: Readonly<Record<string, ArmSummary>>;
  /** The arms beside the strongest start that costs nothing to find. */
  readonly cheap?: BaselineComparison | undefined;
  /** What each part of the method is worth. */
  readonly ablations: readonly Ablation[];
  /** Whether what was known before training says what was reached. */
  readonly correlations: readonly StudyCorrelation[];
}

/**
 * Sums up the results of a study.
 *
 * @param results Of the learning rates that were chosen, one for each arm, seed and budget.
 * @param reference Name of the arm to compare with. @default {"random"}
 * @throws {RangeError} If the reference has no result.
 */
export function summarise(
  frame: StudyFrame,
  results: readonly CellResult[],
  reference: string = nameOf(REFERENCE),
): StudySummary {
  const curve = curveOf(results, reference);
  if (curve.length === 0) {
    throw new RangeError(
      `Cannot sum up the study: its reference '${reference}' must have a result, found none; run it`,
    );
  }
  const names = [...new Set(results.map(({ arm }) => arm))];
  const cheap = compareWithBaseline(Object.fromEntries(names.map((name) => [name, curveOf(results, name)])));
  return {
    reference,
    student_parameters: results.find(({ arm }) => arm === reference)!.parameters,
    ...frame,
    arms: Object.fromEntries(names.map((name) => [name, armOf(results, name, curve)])),
    ...(cheap && { cheap }),
    ablations: ablationsOf(results),
    correlations: correlationsOf(results),
  };
}

/** The mean outcomes of an arm's budgets. */
export function curveOf(results: readonly CellResult[], arm: string): Outcome[] {
  return byTokens(results, arm).map((runs) => meanOf(runs.map(outcomeOf)));
}

function armOf(results: readonly CellResult[], name: string, curve: readonly Outcome[]): ArmSummary {
  const own = results.filter(({ arm }) => arm === name);
  return {
    seeds: [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b),
    lr: own[0]!.lr,
    parameters: mean(own.map(({ parameters }) => parameters)),
    untrained_loss: mean(own.map(({ untrained_loss }) => untrained_loss)),
    budgets: byTokens(results, name).map((runs) => budgetOf(runs, curve)),
  };
}

function budgetOf(runs: readonly CellResult[], curve: readonly Outcome[]): BudgetSummary {
  const outcomes = runs.map(outcomeOf);
  const losses = runs.map(({ loss }) => loss);
  const all = meanOf(outcomes);
  const match = matchOf(all, curve);
  const each = outcomes.map((outcome) => matchOf(outcome, curve));
  const range = (of: "tokens" | "flops") =>
    [Math.min(...each.map((match) => match[of])), Math.max(...each.map((match) => match[of]))] as const;
  return {
    ...{ tokens: all.tokens, flops: all.flops, runs: runs.length },
    ...{ loss_mean: all.loss, loss_std: standardDeviation(losses) },
    bits_per_byte: mean(runs.map(({ bits_per_byte }) => bits_per_byte)),
    ...{ tokens_to_match: match.tokens, flops_to_match: match.flops },
    ...{ tokens_to_match_range: range("tokens"), flops_to_match_range: range("flops") },
    ...(match.bound && { bound: match.bound }),
  };
}

/** Runs of an arm, those of a budget together, the smallest budget first. */
function byTokens(results: readonly CellResult[], name: string): CellResult[][] {
  const groups = Map.groupBy(results.filter(({ arm }) => arm === name), ({ tokens }) => tokens);
  return [...groups].sort(([a], [b]) => a - b).map(([, runs]) => runs);
}

function meanOf(outcomes: readonly Outcome[]): Outcome {
  const of = (name: keyof Outcome) => mean(outcomes.map((outcome) => outcome[name]));
  return { tokens: of("tokens"), flops: of("flops"), loss: of("loss") };
}
