/**
 * The learning rates of a study's arms.
 *
 * @module
 */

import { type Arm, nameOf, REFERENCE } from "./arms.ts";
import type { StudyConfig } from "./config.ts";
import type { CellResult } from "./results.ts";

/** The seed whose runs decide the learning rates. */
export const TUNING_SEED = 1;

type RateSettings = Pick<StudyConfig, "tuningSteps" | "rates">;

/** The learning rate of an arm: the best on the tuning budget, or the only one. */
export function tunedRate(
  results: readonly CellResult[],
  arm: Arm,
  { tuningSteps: steps, rates }: RateSettings,
): number | undefined {
  const given = [...new Set(rates.split(",").map(Number))];
  return given.length > 1 ? bestRate(results, arm, { seed: TUNING_SEED, steps, rates: given }) : given[0];
}

/**
 * Returns the learning rate of an arm at a budget: the tuned one. The reference takes the best of those that it has tried
 * there, as a rate that suits short runs would hold its long ones back, and all others are measured by it.
 */
export function rateAt(
  results: readonly CellResult[],
  arm: Arm,
  steps: number,
  settings: RateSettings,
): number | undefined {
  const tuned = tunedRate(results, arm, settings);
  if (tuned === undefined || nameOf(arm) !== nameOf(REFERENCE)) return tuned;
  const own = results.filter((each) => each.arm === nameOf(arm) && each.seed === TUNING_SEED && each.steps === steps);
  return own.toSorted((a, b) => a.loss - b.loss)[0]?.lr ?? tuned;
}

/** Tells whether the reference has tried these rates at a budget, on the seed that decides. */
export function hasTried(results: readonly CellResult[], steps: number, rates: readonly number[]): boolean {
  const own = results.filter((each) =>
    each.arm === nameOf(REFERENCE) && each.seed === TUNING_SEED && each.steps === steps
  );
  return rates.every((rate) => own.some(({ lr }) => lr === rate));
}

/**
 * Picks the learning rate of an arm: that of the lowest loss among its results of one seed and budget.
 *
 * @returns Nothing where one of `rates` has no result yet.
 */
export function bestRate(
  results: readonly CellResult[],
  arm: Arm,
  { seed, steps, rates }: { readonly seed: number; readonly steps: number; readonly rates: readonly number[] },
): number | undefined {
  const tried = results.filter((each) =>
    each.arm === nameOf(arm) && each.seed === seed && each.steps === steps && rates.includes(each.lr)
  );
  if (tried.length < rates.length) return undefined;
  return tried.toSorted((a, b) => a.loss - b.loss)[0]!.lr;
}
