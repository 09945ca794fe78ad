/**
 * Judging by a student's loss after a short training.
 *
 * @module
 */

import { Batches, type TokenArray } from "../../data/batches.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { trainingFlopsPerToken } from "../../model/flops.ts";
import type { Model } from "../../model/model.ts";
import { learningRate, type ScheduleConfig } from "../../train/schedule.ts";
import { TrainingStep } from "../../train/training_step.ts";
import type { Judge } from "./judge.ts";
import { LossJudge } from "./loss.ts";

/** How students are trained before they are judged. */
export interface TrainedJudgeOptions {
  /** Text to train on, and to judge on: its last twentieth is not trained on. */
  readonly tokens: TokenArray;
  /** Tokens a window. */
  readonly sequence: number;
  /** Tokens of training at each level; whole steps of them are taken. Each level begins anew. */
  readonly levels: readonly number[];
  /** Tokens to judge by after training, at most. */
  readonly calibrationTokens: number;
  /** Windows an optimizer step. @default {8} */
  readonly batch?: number;
  /** Peak learning rate. @default {1e-3} */
  readonly lr?: number;
  /** Decides the order of the windows, which is the same for all students. @default {1} */
  readonly seed?: number;
}

/** A short run: a tenth of it warms up, the rest falls to nothing. */
const SCHEDULE = { minLr: 0, schedule: "linear", warmup: 0.1, decayShare: 0 } as const;
/** As `deno task pretrain` has them. */
const OPTIMIZER = { clip: 1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
const HELD_OUT = 1 / 20;
const PENDING = 32;

/** Judges by the mean cross-entropy, in nats a token, of students after a short training on the same batches. */
export class TrainedJudge implements Judge {
  readonly sequence: number;
  readonly preparation = 0;
  readonly #batches: Batches;
  readonly #batch: number;
  readonly #steps: readonly number[];
  readonly #schedule: ScheduleConfig;
  readonly #seed: number;
  readonly #loss: LossJudge;

  /**
   * Prepares to train and to judge on a text.
   *
   * @throws {RangeError} If a level has no whole step, levels do not grow, or the text is too short to judge on.
   */
  constructor(
    teacher: Model,
    { tokens, sequence, levels, calibrationTokens, batch = 8, lr = 1e-3, seed = 1 }: TrainedJudgeOptions,
  ) {
    const refuse = (rule: string, found: unknown) => {
      throw new RangeError(`Cannot train students: training tokens must be ${rule}, found ${found}`);
    };
    if (levels.length === 0) refuse("given", "none");
    levels.forEach((level, i) => {
      if (!(level >= batch * sequence)) refuse(`at least one step of ${batch} x ${sequence}`, level);
      if (i > 0 && level <= levels[i - 1]!) refuse("more at each level", levels.join(", "));
    });
    const seen = Math.floor(tokens.length * (1 - HELD_OUT));
    this.#batches = new Batches(tokens.subarray(0, seen), { batch, sequence, seed });
    this.#batch = batch;
    this.sequence = sequence;
    this.#steps = levels.map((level) => Math.floor(level / (batch * sequence)));
    this.#schedule = { ...SCHEDULE, lr };
    this.#seed = seed;
    this.#loss = new LossJudge(teacher, { tokens: tokens.subarray(seen), sequence, levels: [calibrationTokens] });
  }

  /** Trains a student and measures its loss. */
  async judge(student: Model, level: number): Promise<number> {
    const steps = this.#steps[level]!;
    {
      using training = await TrainingStep.create(student, {
        ...{ microBatch: this.#batch, accumulation: 1, sequence: this.sequence, seed: this.#seed },
        ...{ ...OPTIMIZER, pending: PENDING },
      });
      for (let step = 0; step < steps; step++) {
        training.submit([this.#batches.batch(step)], learningRate(step, steps, this.#schedule), step + 1);
        if (training.pending === PENDING) await training.drain();
      }
      await training.drain();
    }
    return await this.#loss.judge(student, 0);
  }

  /** Measures the teacher's loss on the tokens that judge; it is not trained any further. */
  judgeTeacher(): Promise<number> {
    return this.#loss.judgeTeacher(0);
  }

  /** Counts the FLOPs of training and of judging. */
  price(student: GPTNeoXConfig, level: number): number {
    const trained = this.#steps[level]! * this.#batch * this.sequence;
    return trained * trainingFlopsPerToken(student, this.sequence) + this.#loss.price(student, 0);
  }
}
