/**
 * The axes on which students are cut out of the teacher.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { calibrationWindows } from "../pipeline/inherit.ts";
import { scoreImportance } from "../search/starts.ts";
import { turnAndSort } from "../subnet/axes/turn_and_sort.ts";
import type { StartName } from "./arms.ts";
import type { StudyConfig } from "./config.ts";

/** The teacher's own, the principal ones of its stream, or those with heads and neurons sorted by importance. */
export type Axes = "given" | "turned" | "sorted";

/** A teacher on its axes. Dispose of it before the teacher that it was made from. */
export interface TeacherOnAxes extends Disposable {
  readonly model: Model;
  /** FLOPs of turning and sorting it. */
  readonly flops: number;
}

/** What a teacher is turned and sorted with. */
export interface AxesOptions {
  readonly teacher: Model;
  /** The split that students are trained on. */
  readonly tokens: TokenArray;
  readonly config: Pick<StudyConfig, "importance" | "calibrationTokens">;
}

/** Tells on which axes a start chooses: sorted ones let the coarse spaces keep the heads and neurons that matter. */
export function axesOf(start: StartName): Axes {
  if (start === "principal") return "turned";
  return start === "random-fine" || start.startsWith("evolved") ? "sorted" : "given";
}

/** Brings a teacher on axes; on the given ones it is the teacher itself. */
export async function onAxes(axes: Axes, options: AxesOptions): Promise<TeacherOnAxes> {
  const { teacher, tokens, config: { calibrationTokens } } = options;
  if (axes === "given") return { model: teacher, flops: 0, [Symbol.dispose]: () => {} };
  const windows = calibrationWindows(tokens, teacher.config.sequence, calibrationTokens);
  const score = axes === "sorted" ? (turned: Model) => scoresOf({ ...options, teacher: turned }) : undefined;
  return await turnAndSort(teacher, { windows, score });
}

/** Scores what matters in a teacher, on the text that the study sets apart for it. */
export async function scoresOf({ teacher, tokens, config: { importance, calibrationTokens } }: AxesOptions) {
  return await scoreImportance(teacher, importance, { tokens, limit: Math.min(calibrationTokens, tokens.length - 1) });
}
