/**
 * Judging by the loss of a repaired student.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import { rescaleNorms } from "../../subnet/repair/norms.ts";
import { refitFlops, refitProjections } from "../../subnet/repair/projections.ts";
import { type TeacherStreams, teacherStreams, teacherStreamsFlops } from "../../subnet/repair/streams.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";
import { Calibration, type CalibrationOptions } from "./calibration.ts";
import { type Judge, studentsAtOnce } from "./judge.ts";
import { LossJudge } from "./loss.ts";

/**
 * Judges by the mean cross-entropy, in nats a token, of students whose norms are rescaled and whose output projections
 * are refitted, as {@linkcode inherit} repairs them. Half of a level's tokens repair and half judge, from the first and
 * the second half of the text: on the text that it was fitted to, a student with more to fit would look better than it
 * is. The teacher reads the text of repairs once; its streams stay in the host's memory.
 */
export class RepairedJudge implements Judge {
  readonly sequence: number;
  readonly preparation: number;
  readonly atOnce: number;
  readonly #teacher: Model;
  readonly #repair: Calibration;
  readonly #streams: readonly TeacherStreams[];
  readonly #loss: LossJudge;

  private constructor(teacher: Model, repair: Calibration, streams: readonly TeacherStreams[], loss: LossJudge) {
    this.#teacher = teacher;
    this.#repair = repair;
    this.#streams = streams;
    this.#loss = loss;
    this.sequence = repair.sequence;
    this.atOnce = studentsAtOnce(teacher.device);
    this.preparation = streams.reduce(
      (sum, _, level) => sum + teacherStreamsFlops(teacher.config, repair.size(level), repair.sequence),
      0,
    );
  }

  /**
   * Lets the teacher read the text of all levels' repairs.
   *
   * @throws {RangeError} If a level has fewer than two windows, levels do not grow, or the text is too short.
   */
  static async create(teacher: Model, { tokens, levels, ...options }: CalibrationOptions): Promise<RepairedJudge> {
    const { sequence } = options;
    const short = levels.find((level) => !(level >= 2 * sequence));
    if (short !== undefined) {
      throw new RangeError(
        `Cannot judge repaired students: calibration tokens must be at least two windows of ${sequence}, one to repair ` +
          `by and one to judge by, found ${short}; raise them`,
      );
    }
    const half = Math.floor(tokens.length / 2), halves = levels.map((level) => Math.floor(level / 2));
    const repair = new Calibration({ ...options, tokens: tokens.subarray(0, half), levels: halves });
    const loss = new LossJudge(teacher, { ...options, tokens: tokens.subarray(half), levels: halves });
    const streams: TeacherStreams[] = [];
    for (let level = 0; level < repair.levels; level++) {
      streams.push(await teacherStreams(teacher, repair.windows(level)));
    }
    return new RepairedJudge(teacher, repair, streams, loss);
  }

  /** Repairs a student and measures its loss. */
  async judge(student: Model, level: number, subNetwork: SubNetwork): Promise<number> {
    const streams = this.#streams[level]!;
    await rescaleNorms(this.#teacher, student, subNetwork, streams);
    await refitProjections(this.#teacher, student, subNetwork, streams);
    return await this.#loss.judge(student, level);
  }

  /** Measures the teacher's loss on the tokens that judge; nothing of it needs a repair. */
  judgeTeacher(level: number): Promise<number> {
    return this.#loss.judgeTeacher(level);
  }

  /** Counts the FLOPs of the repair, without the teacher's pass, and of judging. */
  price(student: GPTNeoXConfig, level: number): number {
    return refitFlops(student, this.#repair.size(level), this.sequence) + this.#loss.price(student, level);
  }
}
