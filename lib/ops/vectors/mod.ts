/**
 * Kernels that move four values at a time where rows allow it.
 *
 * @module
 */

import type { Kernel } from "../define.ts";
import four from "./four.wgsl" with { type: "text" };
import one from "./one.wgsl" with { type: "text" };

/** A kernel written over `Vec`, for rows whose length is a multiple of four and for all others. */
export interface VectorKernel {
  /** Returns the kernel for rows of `width` values and the number of values that one `Vec` holds. */
  (width: number): { kernel: Kernel; per: number };
}

/**
 * Makes the two versions of a kernel that is written over `Vec`: `vec4f` where rows are multiples of four, else `f32`.
 * Loads of four values cost about as much as loads of one, on software adapters and on hardware alike.
 */
export function vectors(name: string, source: string): VectorKernel {
  const byFours = { kernel: { name, source: four + source }, per: 4 };
  const byOnes = { kernel: { name: `${name}.scalar`, source: one + source }, per: 1 };
  return (width) => width % 4 === 0 ? byFours : byOnes;
}
