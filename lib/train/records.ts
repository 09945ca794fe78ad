/**
 * What a run reports.
 *
 * @module
 */

import type { LogRow } from "../io/run_log.ts";

/** One row of a run's log: what a task prints, a notebook plots and `log.jsonl` keeps. */
export interface TrainRow extends LogRow {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Mean training loss since the row before, in nats per token; with a teacher, the weighed sum of its parts. */
  readonly loss: number;
  /** Mean cross-entropy since the row before, in nats per token, of a student that has a teacher. */
  readonly cross_entropy?: number;
  /** Mean divergence from the teacher at the temperature, in nats per token, over the steps since then that had it. */
  readonly divergence?: number;
  /** Mean loss between hidden states over the same steps, where it has a weight. */
  readonly hidden_loss?: number;
  /** Weight of the cross-entropy in the step, where it moves; absent in steps without the teacher, as the next three. */
  readonly alpha?: number;
  /** Weight of the divergence times the squared temperature in the step, where it moves. */
  readonly beta?: number;
  /** The step's temperature, where it moves. */
  readonly temperature?: number;
  /** Weight of the loss between hidden states in the step, where it moves. */
  readonly gamma?: number;
  /** Learning rate of the step. */
  readonly lr: number;
  /** Global norm of the step's gradient, before clipping. */
  readonly grad_norm: number;
  /**
   * Training FLOPs so far: forward and backward passes and, of the steps that had it, the teacher's forward passes; of a
   * teacher whose logits are stored, one pass over each window that the steps have used so far, however often.
   */
  readonly flops: number;
  /** The teacher's part of these, of a student that has a teacher. */
  readonly teacher_flops?: number;
  /** Bytes of the logit store that hold what the teacher thinks of the windows used so far, at the store's mean. */
  readonly store_bytes?: number;
  /** Validation loss, in nats per token, on rows that follow a validation. */
  readonly val_loss?: number;
  /** `exp(val_loss)`. */
  readonly val_perplexity?: number;
  /** Validation loss in bits per byte. */
  readonly val_bpb?: number;
  /** Validation loss of token frequencies alone, on the first row. */
  readonly unigram_loss?: number;
  /** Validation loss of an interpolated bigram model, on the first row. */
  readonly bigram_loss?: number;
  /** Validation loss of token frequencies, in bits per byte. */
  readonly unigram_bpb?: number;
  /** Validation loss of the bigram model, in bits per byte. */
  readonly bigram_bpb?: number;
  /** Training speed since the row before. */
  readonly tokens_per_s: number;
  /** Mean time of a step since the row before, in milliseconds. */
  readonly step_ms: number;
  /** Time since the run began, in seconds; a resumed run goes on counting. */
  readonly elapsed_s: number;
}

/** Thrown when training cannot go on; what was saved before is intact. */
export class TrainingError extends Error {
  /** The name that stacks and logs show. */
  override readonly name = "TrainingError";
}
