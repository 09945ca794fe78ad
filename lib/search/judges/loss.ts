/**
 * Judging by the loss of an untrained student.
 *
 * @module
 */

import { Evaluator } from "../../evaluate/loss.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { forwardFlopsPerToken } from "../../model/flops.ts";
import type { Model } from "../../model/model.ts";
import { Calibration, type CalibrationOptions } from "./calibration.ts";
import { type Judge, studentsAtOnce } from "./judge.ts";

/** Judges by the mean cross-entropy, in nats a token, of students as they are. */
export class LossJudge implements Judge {
  readonly sequence: number;
  readonly preparation = 0;
  readonly atOnce: number;
  readonly #teacher: Model;
  readonly #calibration: Calibration;

  /**
   * Prepares to judge on a text.
   *
   * @throws {RangeError} If levels and text do not fit.
   */
  constructor(teacher: Model, options: CalibrationOptions) {
    this.#teacher = teacher;
    this.#calibration = new Calibration(options);
    this.sequence = options.sequence;
    this.atOnce = studentsAtOnce(teacher.device);
  }

  /** Measures a student's loss and leaves it as it is. */
  async judge(student: Model, level: number): Promise<number> {
    const { tokens, sequence } = this.#calibration;
    using evaluator = await Evaluator.create(student, {
      ...{ tokens, sequence, bytesPerToken: 1, limit: this.#calibration.size(level) },
      batch: this.#calibration.batch(level),
    });
    return (await evaluator.evaluate()).loss;
  }

  /** Measures the teacher's loss. */
  judgeTeacher(level: number): Promise<number> {
    return this.judge(this.#teacher, level);
  }

  /** Counts the FLOPs of the forward passes. */
  price(student: GPTNeoXConfig, level: number): number {
    return this.#calibration.size(level) * forwardFlopsPerToken(student, this.sequence);
  }
}
