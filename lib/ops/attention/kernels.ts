/**
 * The texts of attention's kernels, and how many rows an invocation owns.
 *
 * @module
 */

import { type Dispatch, float, grid } from "../define.ts";
import { type VectorKernel, vectors } from "../vectors/mod.ts";
import type { AttentionLayout } from "./layout.ts";
import rowsSource from "./rows.wgsl" with { type: "text" };
import forward from "./forward.wgsl" with { type: "text" };
import backwardQueries from "./backward_queries.wgsl" with { type: "text" };
import backwardKeys from "./backward_keys.wgsl" with { type: "text" };
import keys from "./keys.wgsl" with { type: "text" };
import queries from "./queries.wgsl" with { type: "text" };
import direct from "./direct.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** A kernel with either way to walk over the rows that it meets. */
export interface AttentionKernel {
  /** Without barriers and workgroup memory, for software adapters. */
  readonly direct: VectorKernel;
  /** In tiles that a workgroup shares, for hardware. */
  readonly tiled: VectorKernel;
}

/** The three passes of attention. */
export const kernels = {
  forward: bothWays("attention", keys + forward),
  backwardQueries: bothWays("attention_gradient_queries", keys + backwardQueries),
  backwardKeys: bothWays("attention_gradient_keys", queries + backwardKeys),
};

function bothWays(name: string, source: string): AttentionKernel {
  return {
    direct: vectors(name, rowsSource + source + direct),
    tiled: vectors(`${name}.tiled`, rowsSource + source + tiled),
  };
}

/** Sizes of one launch. */
export interface AttentionSizes extends AttentionLayout {
  /** Dimensions of a head. */
  readonly size: number;
  /** What products of queries and keys are multiplied with. */
  readonly scale: number;
}

const DIRECT_GROUP = 8;
const TILED_GROUP = 64;
/** Values of both rows of a tile that fit the workgroup memory that every adapter has, 16 KiB. */
const TILE_VALUES = 4096;
const LONGEST_TILE = 32;

/** Chooses all of a launch but its bindings. */
export function launch(
  { direct, tiled }: AttentionKernel,
  { batch, sequence, heads, size, scale }: AttentionSizes,
  inTiles: boolean,
): Pick<Dispatch, "kernel" | "constants" | "uniforms" | "groups"> {
  const { kernel, per } = (inTiles ? tiled : direct)(size);
  const ROWS = inTiles ? 1 : directRows(size);
  const threads = batch * heads * Math.ceil(sequence / ROWS);
  const uniforms = [batch, sequence, heads, size / per, ROWS, float(scale)];
  if (!inTiles) {
    return {
      kernel,
      constants: { HEAD: size / per, ROWS, SIZE: DIRECT_GROUP },
      uniforms: [...uniforms, Math.ceil(threads / DIRECT_GROUP)],
      groups: grid(threads, DIRECT_GROUP),
    };
  }
  return {
    kernel,
    constants: {
      HEAD: size / per,
      ROWS,
      SIZE: TILED_GROUP,
      TILE: Math.max(1, Math.min(LONGEST_TILE, Math.floor(TILE_VALUES / (2 * size)))),
    },
    uniforms: [...uniforms, 0],
    groups: [Math.ceil(sequence / (TILED_GROUP * ROWS)), heads, batch],
  };
}

/** Rows an invocation owns. More of them share each load, but a text of more rows and dimensions compiles slower. */
function directRows(size: number): 1 | 2 | 4 {
  return size <= 64 ? 4 : size <= 128 ? 2 : 1;
}
