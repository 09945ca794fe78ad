/**
 * The texts of attention's kernels for hardware, and how rows are divided among invocations.
 *
 * @module
 */

import type { Dispatch, Kernel } from "../../define.ts";
import { unroll } from "../../unroll.ts";
import { vectors } from "../../vectors/mod.ts";
import rowsSource from "../rows.wgsl" with { type: "text" };
import backwardKeys from "./backward_keys.wgsl" with { type: "text" };
import backwardQueries from "./backward_queries.wgsl" with { type: "text" };
import forward from "./forward.wgsl" with { type: "text" };
import tile from "./tile.wgsl" with { type: "text" };

/** How a kernel divides its work; each set of values is a text of its own. */
export interface Tiling {
  /** Rows that an invocation owns a part of. */
  readonly rows: number;
  /** Invocations that own a row together, each a part of its dimensions; 1 where they do not divide its vectors. */
  readonly parts: number;
  /** Invocations of a workgroup that own the same part; a multiple of a subgroup keeps reads of the tile uniform. */
  readonly owners: number;
  /** Rows that are met at a time; like `tile` a power of two, and smaller where workgroup memory is too small. */
  readonly meet: number;
  /** Rows of a tile. */
  readonly tile: number;
}

/** A kernel for heads of one size. */
export interface TiledChoice {
  readonly kernel: Kernel;
  readonly constants: Dispatch["constants"];
  /** Values that one `Vec` holds. */
  readonly per: number;
  /** What the kernel follows; parts, met rows and tiles may be fewer and shorter. */
  readonly tiling: Tiling;
}

/** How a kernel is chosen where the size of a head does not decide. */
export interface TiledOptions {
  /** @default the one that suits the size of a head */
  readonly tiling?: Tiling;
  /** Whether loops over constants are written out. @default {true} */
  readonly unrolled?: boolean;
}

/** Makes a kernel for heads of `size`. */
export type TiledKernel = (size: number, options?: TiledOptions) => TiledChoice;

/** The three passes of attention. */
export const tiledKernels = {
  forward: tiled("attention.tiled", forward, 1),
  backwardQueries: tiled("attention_gradient_queries.tiled", backwardQueries, 2),
  backwardKeys: tiled("attention_gradient_keys.tiled", backwardKeys, 2),
};

/** Workgroup memory that every adapter has, in values. */
const MOST_VALUES = 16384 / 4;
/** Vectors of four values a part up to which texts are written out: more would not fit registers anyway. */
const LONGEST_SLICE = 16;

/** @param shared Values that the parts of a row share for each met row. */
function tiled(name: string, source: string, shared: number): TiledKernel {
  const byWidth = vectors(name, rowsSource + tile + source);
  const written = new Map<string, Kernel>();
  return (size, { tiling = tilingOf(size), unrolled = true } = {}) => {
    const { kernel, per } = byWidth(size);
    const constants = constantsOf(size, size / per, tiling, shared);
    const { SLICE, PARTS, ROWS, MEET, TURNS } = constants;
    if (!unrolled || per === 1 || SLICE > LONGEST_SLICE) return { kernel, constants, per, tiling };
    const key = [SLICE, PARTS, ROWS, MEET, TURNS].join(" ");
    const known = written.get(key) ??
      { ...kernel, source: unroll(kernel.source, { SLICE, PARTS, ROWS, MEET, TURNS }) };
    written.set(key, known);
    return { kernel: known, constants, per, tiling };
  };
}

function constantsOf(
  size: number,
  HEAD: number,
  { rows: ROWS, parts, owners: OWNERS, meet, tile }: Tiling,
  shared: number,
) {
  const PARTS = HEAD % parts === 0 ? parts : 1;
  const SHARERS = PARTS > 1 ? OWNERS : 1;
  const group = OWNERS * PARTS;
  const fits = (meet: number, blocks: number) =>
    meet * (blocks * 2 * (size + 1) + Math.min(2, blocks) * shared * ROWS * PARTS * SHARERS) <= MOST_VALUES;
  let MEET = meet;
  while (MEET > 1 && !fits(MEET, 1)) MEET /= 2;
  let BLOCKS = Math.max(1, tile / MEET);
  // An invocation fetches the statistics of a single row.
  while (BLOCKS > 1 && (!fits(MEET, BLOCKS) || MEET * BLOCKS > group)) BLOCKS /= 2;
  return {
    HEAD,
    SLICE: HEAD / PARTS,
    PARTS,
    ROWS,
    OWNERS,
    MEET,
    BLOCKS,
    TURNS: Math.ceil(MEET * BLOCKS * HEAD / group),
    BUFFERS: Math.min(2, BLOCKS),
    SHARERS,
  };
}

/**
 * A part of 32 dimensions keeps the four vectors of the widest kernel, which also sums into two of them, in registers.
 *
 * On an H200, 16 x 256 tokens with 8 heads of 32 take 0.050 ms forward and 0.126 ms back, where the kernels with loops
 * that software adapters get too took 0.80 and 1.66. One row met at a time instead of four takes 0.062 and 0.141; two
 * invocations a row 0.055 and 0.180; the same with two rows each 0.049 and 0.173; workgroups of 32, tiles of 32 and
 * eight rows at a time change nothing. Of short sequences (8 x 128 tokens, 4 heads) two invocations a row are a fifth
 * faster, as there are too few rows for all processors.
 */
function tilingOf(size: number): Tiling {
  const parts = [1, 2, 4].find((parts) => size / parts <= 32) ?? 4;
  return { rows: 1, parts, owners: parts === 1 ? 64 : 32, meet: 4, tile: 16 };
}
