/**
 * What a study compares: ways to begin, and ways to be taught.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { show } from "../unknown.ts";

/** Where a student's weights come from. */
export const startNames = [
  /** Drawn, in the plain shape. */
  "random",
  /** The teacher's first indices and layers, in the plain shape. */
  "prefix",
  /** Evenly spaced indices and layers. */
  "spaced",
  /** What matters most in the teacher. */
  "importance",
  /** The same without the repair that all other inherited starts get. */
  "importance-unrepaired",
  /** The principal axes of the teacher's stream, and the heads, neurons and layers that matter most. */
  "principal",
  /** A random member of the fine-layerwise space, on principal axes as those below. */
  "random-fine",
  /** The best that evolution found in each space. */
  "evolved-coarse-uniform",
  "evolved-coarse-layerwise",
  "evolved-fine-uniform",
  "evolved-fine-layerwise",
  /** The last one's shape with weights that are drawn. */
  "evolved-shape",
] as const;

/** Where a student's weights come from. */
export type StartName = typeof startNames[number];

/**
 * How a student is taught: by the text alone, by the teacher at its side, by that and its hidden states, or by what the
 * teacher left in a store.
 */
export const lessonNames = ["plain", "online", "hidden", "store"] as const;

/** How a student is taught. */
export type LessonName = typeof lessonNames[number];

/** What is compared: a start with a lesson. */
export interface Arm {
  /** Where its weights come from. */
  readonly start: StartName;
  /** How it is taught. */
  readonly lesson: LessonName;
}

/** What all others are measured by. */
export const REFERENCE: Arm = { start: "random", lesson: "plain" };

/** Tells whether a start inherits weights of the teacher. */
export function isCutOut(start: StartName): boolean {
  return start !== "random" && start !== "evolved-shape";
}

/** Tells whether a start is another student with another seed: its weights are drawn, or a search found it. */
export function isSeeded(start: StartName): boolean {
  return start.startsWith("random") || isSearched(start);
}

/** Tells whether a search judged candidates to find a start; the one draw of `random-fine` is no search. */
export function isSearched(start: StartName): boolean {
  return start.startsWith("evolved");
}

/** Names an arm: `prefix` where it learns from the text alone, else `prefix+store`. */
export function nameOf({ start, lesson }: Arm): string {
  return lesson === "plain" ? start : `${start}+${lesson}`;
}

/** Returns the arms of a grid, the reference first, as nothing can be said without it. */
export function armsOf(starts: readonly StartName[], lessons: readonly LessonName[]): Arm[] {
  const grid = starts.flatMap((start) => lessons.map((lesson) => ({ start, lesson })));
  return [REFERENCE, ...grid.filter((arm) => nameOf(arm) !== nameOf(REFERENCE))];
}

/**
 * Reads a list of names, joined by commas.
 *
 * @throws {UsageError} If one is none of those known.
 */
export function parseNames<N extends string>(list: string, known: readonly N[], flag: string): N[] {
  return list.split(",").map((each) => {
    const name = known.find((other) => other === each.trim());
    if (name) return name;
    throw new UsageError(`Cannot use ${flag}: each must be one of ${known.join(", ")}, found ${show(each)}`);
  });
}
