/**
 * Which of a student's layers learn from which of its teacher's.
 *
 * @module
 */

import type { LayerPair } from "../model/hidden_alignment.ts";

/** A pair for each layer that learns, in the order of the student's layers. */
export type LayerMap = readonly LayerPair[];

const FORM = /^\d+:\d+(,\d+:\d+)*$/;

/** Tells whether a text names pairs of layers, student's:teacher's, as `0:1,3:7`. */
export function isLayerMap(text: string): boolean {
  return FORM.test(text);
}

/**
 * Reads pairs of layers.
 *
 * @throws {RangeError} If the text has another form, a model has no such layer, or one of the student's is named twice.
 */
export function parseLayerMap(text: string, student: number, teacher: number): LayerMap {
  const refuse = (rule: string, found: unknown) => {
    throw new RangeError(`Cannot map layers: ${rule}, found ${found}`);
  };
  if (!isLayerMap(text)) refuse("the map must be pairs student:teacher with commas between them", text);
  const pairs = text.split(",").map((pair) => pair.split(":").map(Number) as [number, number]);
  for (const [own, theirs] of pairs) {
    if (own >= student) refuse(`the student's layers are 0 to ${student - 1}`, own);
    if (theirs >= teacher) refuse(`the teacher's layers are 0 to ${teacher - 1}`, theirs);
  }
  pairs.sort(([a], [b]) => a - b);
  const twice = pairs.find(([own], i) => own === pairs[i + 1]?.[0]);
  if (twice) refuse("each of the student's layers must be named once", `${twice[0]} twice`);
  return pairs;
}

/**
 * Spreads the student's layers evenly over the teacher's, the last ones on one another: the n-th of N learns from that
 * at n/N of the teacher's depth, as the "uniform" map of TinyBERT does (Jiao et al. 2020, arXiv 1909.10351, section 4.2).
 */
export function evenLayerMap(student: number, teacher: number): LayerMap {
  return Array.from({ length: student }, (_, i) => [i, Math.max(1, Math.round((i + 1) * teacher / student)) - 1]);
}
