/**
 * What students are repaired by: the residual stream of their teacher on calibration text.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import { hiddenFlopsPerToken } from "../../model/flops.ts";
import { capture } from "../../model/forward.ts";
import type { Model } from "../../model/model.ts";

/** A teacher's residual stream on calibration text; many students can be repaired by one. */
export interface TeacherStreams {
  /** The text: sequences of equal length. */
  readonly sequences: readonly (readonly number[])[];
  /** What each norm reads: `[tokens, width]` by the names that {@linkcode Tap} lists. */
  readonly values: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}

/**
 * Lets a teacher read calibration text, and keeps its stream in the host's memory.
 *
 * @param sequences Of equal length.
 * @throws {RangeError} If lengths differ or a token is not in the vocabulary.
 */
export async function teacherStreams(
  teacher: Model,
  sequences: readonly (readonly number[])[],
): Promise<TeacherStreams> {
  return { sequences, values: await capture(teacher, sequences, normInputs(teacher.config)) };
}

/** Takes streams as they are, and text to the teacher. */
export async function streamsOf(
  teacher: Model,
  text: readonly (readonly number[])[] | TeacherStreams,
): Promise<TeacherStreams> {
  return "sequences" in text ? text : await teacherStreams(teacher, text);
}

/** Names what the norms of a model read, each activation once. */
export function normInputs({ layers, parallelResidual }: GPTNeoXConfig): string[] {
  const inputs = Array.from({ length: layers }, (_, layer) => [
    `blocks.${layer}.input`,
    ...(parallelResidual ? [] : [`blocks.${layer}.mlp_input`]),
  ]);
  return [...inputs.flat(), `blocks.${layers - 1}.output`];
}

/**
 * Counts the floating-point operations of {@linkcode teacherStreams}: a pass without logits.
 *
 * @param tokens Tokens of the text, in sequences of `sequence`.
 */
export function teacherStreamsFlops(teacher: GPTNeoXConfig, tokens: number, sequence: number): number {
  return tokens * hiddenFlopsPerToken(teacher, sequence);
}
