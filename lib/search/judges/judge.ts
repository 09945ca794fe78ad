/**
 * How students of a teacher are judged.
 *
 * @module
 */

import type { Device } from "../../devices/device.ts";
import type { GPTNeoXConfig } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import type { SubNetwork } from "../../subnet/sub_network.ts";

/** Judges students at the levels of a ladder; the same student at the same level always gets the same number. */
export interface Judge {
  /** Tokens of the windows that students read. */
  readonly sequence: number;
  /** FLOPs that were spent once, before the first judgement. */
  readonly preparation: number;
  /** Students that it judges at a time, each in memory of its own. @default {1} */
  readonly atOnce?: number;
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

/**
 * Students that are judged at a time on a device. Each wait for a GPU costs 10 ms beyond its work, in which the host can
 * serve two more; the CPU device has no such waits.
 */
export function studentsAtOnce({ kind }: Pick<Device, "kind">): number {
  return kind === "webgpu" ? 3 : 1;
}
