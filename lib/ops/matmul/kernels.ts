/**
 * The texts of the matrix product's kernels.
 *
 * @module
 */

import type { Kernel } from "../define.ts";
import { geluFunctions } from "../gelu/mod.ts";
import { unroll } from "../unroll.ts";
import { vectors } from "../vectors/mod.ts";
import activated from "./activated.wgsl" with { type: "text" };
import four from "./four.wgsl" with { type: "text" };
import shared from "./interface.wgsl" with { type: "text" };
import one from "./one.wgsl" with { type: "text" };
import plain from "./plain.wgsl" with { type: "text" };
import software from "./software.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** A product's flag: a bias is added. These numbers stand in interface.wgsl and combine.wgsl too. */
export const BIAS = 1;
/** A product's flag: a residual is added. */
export const RESIDUAL = 2;
/** A product's flag: what C holds is added. */
export const ACCUMULATE = 4;

/** Rows and columns of C that one workgroup of the software kernel computes. */
export const SOFTWARE_TILE = { rows: 16, columns: 32 };
/** Lanes of a subgroup through which the software kernel spreads rows. */
export const SOFTWARE_LANES = 8;
/** Columns of C that a workgroup of the tiled kernel computes, and rows for each of its BLOCKS. */
export const TILED_SIDE = 64;
/** Steps of k that the tiled kernel loads at a time. */
export const TILED_DEPTH = 16;
const unrolledTiled = unroll(tiled, { DEPTH: TILED_DEPTH, LINES: 4 });

/** Which of a kernel's texts is meant. */
export interface Variant {
  /** Whether to use workgroup memory and barriers. */
  readonly tiled: boolean;
  /** Whether the tiled kernel's loop over a slice is written out. */
  readonly unrolled: boolean;
  /** Whether all rows start at multiples of four values, so that loads and stores can move four. */
  readonly aligned: boolean;
  /** Whether C receives a preactivation and a further binding its gelu. */
  readonly activation: boolean;
}

/** Puts the text of a matrix multiplication kernel together. */
export function matmulKernel({ tiled: blocked, unrolled, aligned, activation }: Variant): Kernel {
  const name = ["matmul", blocked && "tiled", activation && "gelu"].filter(Boolean).join(".");
  const access = aligned ? four : one;
  const epilogue = activation ? geluFunctions + activated : plain;
  return vectors(name, access + epilogue + shared + (blocked ? (unrolled ? unrolledTiled : tiled) : software))(
    aligned ? 4 : 1,
  ).kernel;
}
