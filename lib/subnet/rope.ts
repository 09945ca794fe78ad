/**
 * What may be kept of a head whose leading dimensions are rotated by position.
 *
 * @module
 */

import type { Dimensions } from "./dimensions.ts";

/**
 * What becomes of the rotary embedding. `keep`: rotated dimensions are kept in whole pairs `(i, i + rotary / 2)`, at
 * least one, which turn at the frequencies that they were trained with. `rebuild`: any dimensions are kept, and their
 * leading share is paired anew with fresh frequencies, as whittle does; what the teacher learnt of positions is lost.
 */
export type Rope = "keep" | "rebuild";

/** How sub-networks treat the rotary embedding. */
export interface RopeOptions {
  /** What becomes of the rotary embedding. @default {"keep"} */
  readonly rope?: Rope;
}

/** Counts the dimensions that a head of `count` dimensions rotates once rebuilt: the teacher's share, rounded down. */
export function rebuiltRotary(count: number, { rotary, headSize }: Dimensions): number {
  return Math.floor(count * rotary / headSize);
}

/** Tells whether a head of `count` dimensions can be rebuilt: it then rotates an even number, at least 2. */
export function canRebuild(count: number, dimensions: Dimensions): boolean {
  const rotated = rebuiltRotary(count, dimensions);
  return rotated >= 2 && rotated % 2 === 0;
}
