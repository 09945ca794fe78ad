/**
 * What the runs of a study came to.
 *
 * @module
 */

import type { Arm } from "./arms.ts";
import type { Outcome } from "./match.ts";

/** A run that a study consists of. */
export interface Cell {
  readonly arm: Arm;
  readonly seed: number;
  /** Optimizer steps. */
  readonly steps: number;
  /** Peak learning rate. */
  readonly lr: number;
}

/** The row of a finished run. */
export interface CellResult {
  /** The arm's name: its start, and its lesson if that is not `plain`. */
  readonly arm: string;
  /** Where its weights came from. */
  readonly start: Arm["start"];
  /** How it was taught. */
  readonly lesson: Arm["lesson"];
  /** Of batches, drawn weights and searches. */
  readonly seed: number;
  /** Optimizer steps. */
  readonly steps: number;
  /** Peak learning rate. */
  readonly lr: number;
  /** Tokens trained on. */
  readonly tokens: number;
  /** Held-out loss at the end, in nats a token; infinite for a run that diverged, which JSON writes as null. */
  readonly loss: number;
  /** The same in bits a byte. */
  readonly bits_per_byte: number;
  /** Held-out loss before training, in nats a token. */
  readonly untrained_loss: number;
  /** What the search that found the student judged it by, for a start that was searched for. */
  readonly fitness?: number;
  /** Of the student. */
  readonly parameters: number;
  /** FLOPs of training. */
  readonly training_flops: number;
  /** FLOPs of the teacher's passes for it. */
  readonly teacher_flops: number;
  /** FLOPs of finding and repairing the start. */
  readonly start_flops: number;
  /** Seconds of training and validation. */
  readonly seconds: number;
}

/** Reads a row as it was written. */
export function parseResult(row: CellResult): CellResult {
  return { ...row, loss: row.loss ?? Infinity, bits_per_byte: row.bits_per_byte ?? Infinity };
}

/** Tells whether a run came to an end that can be compared. */
export function hasConverged({ loss }: CellResult): boolean {
  return Number.isFinite(loss);
}

/** Names a run among those of a study; also its directory. */
export function cellName({ arm, seed, steps, lr }: Cell): string {
  // Names of runs have no plus sign, as in 1e+21.
  return `${arm.start}-${arm.lesson}-seed${seed}-${steps}-lr${lr}`.replace("+", "");
}

/** Names the run of a row. */
export function resultName({ start, lesson, seed, steps, lr }: CellResult): string {
  return cellName({ arm: { start, lesson }, seed, steps, lr });
}

/** All that a run spent. */
export function outcomeOf({ tokens, loss, training_flops, teacher_flops, start_flops }: CellResult): Outcome {
  return { tokens, loss, flops: training_flops + teacher_flops + start_flops };
}
