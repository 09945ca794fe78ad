/**
 * How students of a teacher are judged.
 *
 * @module
 */

import type { Model } from "../../model/model.ts";

/** Judges students at the levels of a ladder; the same student at the same level always gets the same number. */
export interface Judge {
  /** Tokens of the windows that students read. */
  readonly sequence: number;
  /** FLOPs that were spent once, before the first judgement. */
  readonly preparation: number;
  /**
   * Judges a student; lower is better.
   *
   * @param student May be trained, and so changed.
   */
  judge(student: Model, level: number): Promise<number>;
  /** Judges the teacher on the same tokens, as it is. */
  judgeTeacher(level: number): Promise<number>;
  /**
   * Counts the FLOPs of one judgement.
   *
   * @param forwardFlopsPerToken Of the student in such windows.
   */
  price(forwardFlopsPerToken: number, level: number): number;
}
