/**
 * From a sub-network to a student that has inherited its weights, repaired.
 *
 * @module
 */

import { type TokenArray, validationBatches } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { extract } from "../subnet/extract.ts";
import { rescaleNorms } from "../subnet/repair/norms.ts";
import { refitFlops, refitProjections } from "../subnet/repair/projections.ts";
import { teacherStreams, teacherStreamsFlops } from "../subnet/repair/streams.ts";
import type { HeadOptions } from "../subnet/student_config.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";

/** How a student inherits. */
export interface InheritOptions extends HeadOptions {
  /** What becomes of gains and biases of norms that lose width. @default {"keep"} */
  readonly norms?: "keep" | "rescale";
  /** Whether output projections are refitted to the teacher's stream. @default {false} */
  readonly refit?: boolean;
  /** Calibration text of a repair: sequences of equal length. @default {[]} */
  readonly windows?: readonly (readonly number[])[];
}

/** A student that has inherited. */
export interface InheritedStudent {
  /** The student, on the teacher's device; whoever called frees it. */
  readonly student: Model;
  /** FLOPs of the repair; to copy weights takes none. */
  readonly flops: number;
}

/**
 * Cuts a sub-network out of a teacher and repairs what the cut broke: norms first, then output projections.
 *
 * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
 * @throws {RangeError} If the teacher's blocks differ, or a repair is asked for without text.
 */
export async function inherit(
  teacher: Model,
  subNetwork: SubNetwork,
  { norms = "keep", refit = false, windows = [], ...heads }: InheritOptions = {},
): Promise<InheritedStudent> {
  const rescale = norms === "rescale";
  const sequence = windows[0]?.length ?? 0;
  if ((rescale || refit) && sequence === 0) {
    throw new RangeError("Cannot repair a student: 'windows' must be calibration text, found none; give it some");
  }
  using cleanup = new DisposableStack();
  const student = cleanup.use(await extract(teacher, subNetwork, heads));
  const tokens = windows.length * sequence;
  let flops = 0;
  if (rescale || refit) {
    const streams = await teacherStreams(teacher, windows);
    flops += teacherStreamsFlops(teacher.config, tokens, sequence);
    if (rescale) await rescaleNorms(teacher, student, subNetwork, streams);
    if (refit) {
      await refitProjections(teacher, student, subNetwork, streams);
      flops += refitFlops(student.config, tokens, sequence);
    }
  }
  cleanup.move();
  return { student, flops };
}

/**
 * Cuts calibration text into whole windows that are spread evenly over it.
 *
 * @param limit Tokens to take at most.
 * @returns Sequences of `sequence` tokens; none where the limit or the text is shorter than one.
 */
export function calibrationWindows(tokens: TokenArray, sequence: number, limit: number): number[][] {
  const windows = Math.floor(Math.min(limit, tokens.length - 1) / sequence);
  if (windows < 1) return [];
  return validationBatches(tokens, { batch: 1, sequence }, windows).map(({ tokens }) => [...tokens]);
}
