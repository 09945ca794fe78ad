/**
 * The hidden states that a run compares.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { alignHidden } from "../distill/align.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { HiddenAlignment } from "../model/hidden_alignment.ts";
import { IllegalSubNetworkError } from "../subnet/illegal_sub_network_error.ts";
import type { RunPlace } from "./resume.ts";
import { comparesHidden } from "./schedule.ts";

/**
 * Decides which hidden states of a run's student and teacher are compared.
 *
 * @param student What is trained.
 * @returns undefined if none are.
 * @throws {UsageError} If the config's map is not one of these models, or the student's `subnet.json` is broken.
 */
export function alignmentOf(place: RunPlace, student: GPTNeoXConfig): HiddenAlignment | undefined {
  const { config: { gamma, hidden: form, layerMap }, teacher } = place;
  // A store has no hidden states, and is refused where they are to be compared.
  if (teacher?.kind !== "model" || !comparesHidden({ gamma })) return undefined;
  try {
    return alignHidden({ layerMap, form }, { config: student, subnetJson: inheritanceOf(place) }, teacher);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const rule = error.message.replace(/^Cannot [^:]+: /, "");
    const from = place.from?.folder ?? place.initial?.folder;
    if (error instanceof IllegalSubNetworkError) throw new UsageError(`Cannot use '${from}/subnet.json': ${rule}`);
    throw new UsageError(`Cannot use --layer-map ${layerMap}: ${rule}; use even, or pairs such as 0:0`);
  }
}

/**
 * Says in a line that a student's coordinates are those of another teacher, if they are.
 *
 * @param hidden What is compared.
 */
export function foreignInheritance(place: RunPlace, hidden: HiddenAlignment): string | undefined {
  if (hidden.width || inheritanceOf(place) === undefined) return undefined;
  return `the student was cut out of another model than the one in --teacher ${place.teacher?.folder}: its coordinates ` +
    "are not this teacher's, so a projection is learned";
}

/** Returns the `subnet.json` of what a run goes on from, or began with. */
export function inheritanceOf({ from, initial }: RunPlace): unknown {
  return (from?.checkpoint ?? initial)?.subnetJson;
}
