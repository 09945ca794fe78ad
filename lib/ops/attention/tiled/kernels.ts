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
  /** Invocations that own a row together, each a part of its dimensions. */
  readonly parts: number;
  /** Invocations of a workgroup that own the same part; a multiple of a subgroup keeps reads of the tile uniform. */
  readonly owners: number;
  /** Most rows that are met at a time. */
  readonly meet: number;
  /** Most rows of a tile. */
  readonly tile: number;
}

/** Makes a kernel for heads of one size. */
export interface TiledKernel {
  /** Returns a kernel for heads of `size`; without a tiling, with the one that suits them. */
  (size: number, tiling?: Tiling): TiledChoice;
}

/** What {@linkcode TiledKernel} returns. */
export interface TiledChoice {
  readonly kernel: Kernel;
  readonly constants: Dispatch["constants"];
  readonly per: number;
  readonly rows: number;
  readonly owners: number;
}

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
  const unrolled = new Map<string, Kernel>();
  return (size, tiling = tilingOf(size)) => {
    const { kernel, per } = byWidth(size);
    const HEAD = size / per;
    const { rows: ROWS, owners: OWNERS } = tiling;
    const PARTS = HEAD % tiling.parts === 0 ? tiling.parts : 1;
    const SLICE = HEAD / PARTS;
    const SHARERS = PARTS > 1 ? OWNERS : 1;
    const valuesOf = (meet: number, blocks: number) =>
      meet * (blocks * 2 * (size + 1) + Math.min(2, blocks) * shared * ROWS * PARTS * SHARERS);
    const fits = (meet: number, blocks: number) => valuesOf(meet, blocks) <= MOST_VALUES;
    let MEET = tiling.meet;
    while (MEET > 1 && !fits(MEET, 1)) MEET /= 2;
    let BLOCKS = Math.max(1, tiling.tile / MEET);
    while (BLOCKS > 1 && !fits(MEET, BLOCKS)) BLOCKS /= 2;
    const constants = { HEAD, SLICE, PARTS, ROWS, OWNERS, MEET, BLOCKS, BUFFERS: Math.min(2, BLOCKS), SHARERS };
    const choice = { constants, per, rows: ROWS, owners: OWNERS };
    if (per === 1 || SLICE > LONGEST_SLICE) return { ...choice, kernel };
    const key = `${per} ${SLICE} ${PARTS} ${ROWS} ${MEET}`;
    let written = unrolled.get(key);
    if (!written) {
      unrolled.set(key, written = { ...kernel, source: unroll(kernel.source, { SLICE, PARTS, ROWS, MEET }) });
    }
    return { ...choice, kernel: written };
  };
}

/**
 * A part of 32 dimensions keeps the four vectors of the widest kernel, which also sums into two of them, in about 170
 * registers of the 255 that an invocation of NVIDIA's may have.
 */
function tilingOf(size: number): Tiling {
  const parts = [1, 2, 4].find((parts) => size / parts <= 32) ?? 4;
  return { rows: 1, parts, owners: 64 / Math.min(2, parts), meet: 4, tile: 32 };
}
