/**
 * What changes over a run, as pure functions of the step: the learning rate, whether a student has its teacher, and how
 * its lessons are weighed.
 *
 * @module
 */

import { endsOf, moves, type Ramp, rampAt } from "./ramp.ts";
import type { Coefficients } from "./training_step.ts";

/** How the learning rate moves over a run. */
export interface ScheduleConfig {
  /** Peak learning rate. */
  readonly lr: number;
  /** The learning rate at the end as a share of the peak; `constant` ignores it. */
  readonly minLr: number;
  /** What follows the warm-up; `wsd` is warm-up, stable, decay. */
  readonly schedule: "cosine" | "linear" | "constant" | "wsd";
  /** Length of the warm-up: below 1 a share of all steps, from 1 on a number of steps. */
  readonly warmup: number;
  /** Share of all steps in which `wsd` decays. */
  readonly decayShare: number;
}

/** Counts the steps of the linear warm-up. */
export function warmupSteps(totalSteps: number, { warmup }: Pick<ScheduleConfig, "warmup">): number {
  return warmup < 1 ? Math.round(warmup * totalSteps) : warmup;
}

/** Counts the steps in which `wsd` decays; 0 for the other schedules. */
export function decaySteps(totalSteps: number, config: Pick<ScheduleConfig, "schedule" | "decayShare">): number {
  return config.schedule === "wsd" ? Math.round(config.decayShare * totalSteps) : 0;
}

/**
 * Returns the learning rate of one optimizer step.
 *
 * Over W warm-up steps it rises linearly, `lr (step + 1) / (W + 1)`, and reaches the peak at step W. Then it falls from
 * the peak to the floor `minLr lr`, which it would reach at `step = totalSteps`, so that the last step still learns
 * when the floor is 0. `cosine` is the half period of Loshchilov & Hutter 2017 (arXiv 1608.03983); `wsd` holds the peak
 * and then falls as one minus a square root (Hägele et al. 2024, arXiv 2405.18392).
 *
 * @param step The step about to be taken, from 0; steps past the end get the floor.
 * @param totalSteps Length of the run.
 */
export function learningRate(step: number, totalSteps: number, config: ScheduleConfig): number {
  const { lr, minLr, schedule } = config;
  const warmup = warmupSteps(totalSteps, config);
  if (step < warmup) return lr * (step + 1) / (warmup + 1);
  if (schedule === "constant") return lr;
  const start = schedule === "wsd" ? totalSteps - decaySteps(totalSteps, config) : warmup;
  const progress = step >= totalSteps ? 1 : Math.max(0, (step - start) / (totalSteps - start));
  return lr * (minLr + (1 - minLr) * remaining[schedule](progress));
}

/** The part of the way down that is left, from 1 at progress 0 to 0 at progress 1. */
const remaining = {
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress: number) => 1 - progress,
  wsd: (progress: number) => 1 - Math.sqrt(progress),
} as const;

/** Counts the steps in which a student has its teacher; all others come after them. */
export function taughtSteps({ steps, distilUntil }: { readonly steps: number; readonly distilUntil: number }): number {
  return Math.round(distilUntil * steps);
}

/** How the coefficients move over the steps with the teacher. */
export type LessonsConfig = { readonly [K in keyof Required<Coefficients>]: Ramp } & Parameters<typeof taughtSteps>[0];

/** Tells whether hidden states are compared in some step. */
export function comparesHidden({ gamma }: Pick<LessonsConfig, "gamma">): boolean {
  return Object.values(endsOf(gamma)).some((end) => end > 0);
}

/**
 * Returns what one optimizer step weighs its lessons with, or nothing where it goes without the teacher. What moves has
 * its first value in the first step and its last one in the last step with the teacher.
 *
 * @param step The step about to be taken, from 0.
 */
export function coefficientsOf(step: number, config: LessonsConfig): Coefficients | undefined {
  const taught = taughtSteps(config);
  if (step >= taught) return undefined;
  const progress = taught > 1 ? step / (taught - 1) : 0;
  const { alpha, beta, temperature, gamma } = config;
  return {
    alpha: rampAt(alpha, progress),
    beta: rampAt(beta, progress),
    temperature: rampAt(temperature, progress),
    gamma: rampAt(gamma, progress),
  };
}

/** Returns those coefficients of a step that are not the same in all steps with the teacher: what rows show. */
export function movingCoefficients(step: number, config: LessonsConfig): Partial<Coefficients> {
  const all = Object.entries(coefficientsOf(step, config) ?? {}) as [keyof Coefficients, number][];
  return Object.fromEntries(all.filter(([name]) => moves(config[name])));
}
