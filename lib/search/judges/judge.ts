/**
 * How students of a teacher are judged.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";

/** Judges students at the levels of a ladder; the same student at the same level always gets the same number. */
export interface Judge {
  /** Tokens of the windows that students read. */
  readonly sequence: number;
  /** FLOPs that were spent once, before the first judgement. */
  readonly preparation: number;
  /**
   * Judges a student; lower is better.
   *
   * @param student May be repaired or trained, and so changed.
   * @param subNetwork What it is of the teacher.
   */
  judge(student: Model, level: number, subNetwork: SubNetwork): Promise<number>;
  /** Judges the teacher on the same tokens, as it is. */
  judgeTeacher(level: number): Promise<number>;
  /**
   * Counts the FLOPs of one judgement.
   *
   * @param student Its config.
   */
  price(student: GPTNeoXConfig, level: number): number;
}
