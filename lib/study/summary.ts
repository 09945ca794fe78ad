/**
 * The summary of a study: what each arm reached, and how many times fewer tokens and FLOPs it needs than the reference.
 *
 * @module
 */

import { mean } from "../statistics.ts";
import { type Ablation, ablationsOf } from "./ablation.ts";
import { armsOf, lessonNames, nameOf, REFERENCE, startNames } from "./arms.ts";
import { type BaselineComparison, compareWithBaseline } from "./baseline.ts";
import { correlationsOf, type StudyCorrelation } from "./correlation.ts";
import { type ArmBudget, armBudget, byTokens, meanOf } from "./compare.ts";
import type { Outcome } from "./match.ts";
import { type CellResult, outcomeOf } from "./results.ts";

/** What the runs of one arm and budget came to. */
export interface BudgetSummary extends ArmBudget {
  /** The mean in bits a byte. */
  readonly bits_per_byte: number;
  /** The learning rate. */
  readonly lr: number;
}

/** What an arm came to. */
export interface ArmSummary {
  /** Seeds of its runs. */
  readonly seeds: readonly number[];
  /** The learning rate of its smallest budget, on which rates are tuned. */
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
  const found = new Set(results.map(({ arm }) => arm));
  const names = armsOf(startNames, lessonNames).map(nameOf).filter((name) => found.has(name));
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
function curveOf(results: readonly CellResult[], arm: string): Outcome[] {
  return byTokens(results.filter((each) => each.arm === arm)).map((runs) => meanOf(runs.map(outcomeOf)));
}

function armOf(results: readonly CellResult[], name: string, curve: readonly Outcome[]): ArmSummary {
  const own = results.filter(({ arm }) => arm === name);
  const budgets = byTokens(own).map((runs) => budgetOf(runs, curve));
  return {
    seeds: [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b),
    lr: budgets[0]!.lr,
    parameters: mean(own.map(({ parameters }) => parameters)),
    untrained_loss: mean(own.map(({ untrained_loss }) => untrained_loss)),
    budgets,
  };
}

function budgetOf(runs: readonly CellResult[], curve: readonly Outcome[]): BudgetSummary {
  return {
    ...armBudget(runs.map(outcomeOf), curve),
    bits_per_byte: mean(runs.map(({ bits_per_byte }) => bits_per_byte)),
    lr: runs[0]!.lr,
  };
}
