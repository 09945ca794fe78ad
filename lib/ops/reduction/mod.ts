/**
 * Kernels that reduce rows, for adapters on which barriers are cheap and for others.
 *
 * @module
 */

import { type Dispatch, grid } from "../define.ts";
import { vectors } from "../vectors/mod.ts";
import direct from "./direct.wgsl" with { type: "text" };
import exponentials from "./exponentials.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** WGSL text that stands before kernels whose rows are logits: `join` of sums of exponentials, `IGNORED` and `LOWEST`. */
export const sumsOfExponentials: string = exponentials;

/** Invocations of a workgroup where each of them has a row of its own. */
const DIRECT_SIZE = 16;
/** Invocations of a workgroup that has one row: a power of two that covers the row, within these bounds. */
const LEAST_SIZE = 32;
const MOST_SIZE = 256;

/** How rows of one width are reduced. */
export interface Reduction {
  /** Values that the kernel's `Vec` holds. */
  readonly per: number;
  /** The part of a launch that follows from the number of rows. */
  readonly launch: (rows: number) => Pick<Dispatch, "kernel" | "constants" | "groups">;
}

/**
 * Makes the versions of a kernel that reduces the rows of a matrix: for rows that are multiples of four and for others,
 * by one invocation a row and, if `byWorkgroup`, by a workgroup a row, which pays where barriers are cheap.
 *
 * @param source WGSL over `Vec`, `row_of`, `column_of`, `STEP` and `reduced`; it defines `join`, an associative join of
 *   two `vec2f`.
 */
export function reduction(name: string, source: string): (width: number, byWorkgroup: boolean) => Reduction {
  const one = vectors(name, direct + source);
  const all = vectors(`${name}.tiled`, tiled + source);
  return (width, byWorkgroup) => {
    const { kernel, per } = (byWorkgroup ? all : one)(width);
    const covering = 2 ** Math.ceil(Math.log2(width / per));
    const size = byWorkgroup ? Math.min(MOST_SIZE, Math.max(LEAST_SIZE, covering)) : DIRECT_SIZE;
    const groups = (rows: number) => grid(rows, byWorkgroup ? 1 : size);
    return { per, launch: (rows) => ({ kernel, constants: { SIZE: size }, groups: groups(rows) }) };
  };
}
