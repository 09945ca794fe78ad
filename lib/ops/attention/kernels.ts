/**
 * The texts of attention's kernels, and how many rows an invocation owns.
 *
 * @module
 */

import { type Dispatch, float, grid, type Target } from "../define.ts";
import { type VectorKernel, vectors } from "../vectors/mod.ts";
import type { AttentionLayout } from "./layout.ts";
import rowsSource from "./rows.wgsl" with { type: "text" };
import forward from "./forward.wgsl" with { type: "text" };
import backwardQueries from "./backward_queries.wgsl" with { type: "text" };
import backwardKeys from "./backward_keys.wgsl" with { type: "text" };
import keys from "./keys.wgsl" with { type: "text" };
import queries from "./queries.wgsl" with { type: "text" };
import directSource from "./direct.wgsl" with { type: "text" };
import { type TiledKernel, tiledKernels, type TiledOptions } from "./tiled/kernels.ts";

/** A kernel with either way to walk over the rows that it meets. */
export interface AttentionKernel {
  /** Without barriers and workgroup memory, for software adapters. */
  readonly direct: VectorKernel;
  /** In tiles that a workgroup shares, for hardware. */
  readonly tiled: TiledKernel;
}

/** The three passes of attention. */
export const kernels = {
  forward: { direct: direct("attention", keys + forward), tiled: tiledKernels.forward },
  backwardQueries: {
    direct: direct("attention_gradient_queries", keys + backwardQueries),
    tiled: tiledKernels.backwardQueries,
  },
  backwardKeys: {
    direct: direct("attention_gradient_keys", queries + backwardKeys),
    tiled: tiledKernels.backwardKeys,
  },
};

function direct(name: string, source: string): VectorKernel {
  return vectors(name, rowsSource + source + directSource);
}

/** Sizes of one launch. */
export interface AttentionSizes extends AttentionLayout {
  /** Dimensions of a head. */
  readonly size: number;
  /** What products of queries and keys are multiplied with. */
  readonly scale: number;
}

/** A launch but for what it binds. */
export type Launch = Pick<Dispatch, "kernel" | "constants" | "uniforms" | "groups">;

const GROUP = 8;

/** Chooses all of a launch but its bindings. */
export function launch(
  { direct, tiled }: AttentionKernel,
  sizes: AttentionSizes,
  target: Target,
): Launch {
  return target.tiled("attention") ? tiledLaunch(tiled, sizes, target) : directLaunch(direct, sizes);
}

function directLaunch(kernels: VectorKernel, { batch, sequence, heads, size, scale }: AttentionSizes): Launch {
  const { kernel, per } = kernels(size);
  const ROWS = directRows(size);
  const threads = batch * heads * Math.ceil(sequence / ROWS);
  return {
    kernel,
    constants: { HEAD: size / per, ROWS, SIZE: GROUP },
    uniforms: [batch, sequence, heads, size / per, ROWS, float(scale), Math.ceil(threads / GROUP)],
    groups: grid(threads, GROUP),
  };
}

/** Chooses a launch for hardware. */
export function tiledLaunch(
  kernels: TiledKernel,
  { batch, sequence, heads, size, scale }: AttentionSizes,
  options?: TiledOptions,
): Launch {
  const { kernel, constants, per, tiling: { rows, owners } } = kernels(size, options);
  const uniforms = [batch, sequence, heads, size / per, rows, float(scale), 0];
  return { kernel, constants, uniforms, groups: [Math.ceil(sequence / (rows * owners)), heads, batch] };
}

/** Rows an invocation owns. More of them share each load, but a text of more rows and dimensions compiles slower. */
function directRows(size: number): 1 | 2 | 4 {
  return size <= 64 ? 4 : size <= 128 ? 2 : 1;
}
