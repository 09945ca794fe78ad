/**
 * Products with long sums and few results, such as a weight's gradient: k in parts, for GPUs with many processors.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, type Dispatch, grid, type Scratch } from "../define.ts";
import { vectors } from "../vectors/mod.ts";
import combine from "./combine.wgsl" with { type: "text" };
import type { Product } from "./dispatch.ts";
import { ACCUMULATE, RESIDUAL, TILED_DEPTH, TILED_SIDE } from "./kernels.ts";

/** Workgroups that keep the processors of a large GPU busy. */
const GROUPS = 384;
/** Rows of k that a part has at least: the shorter parts are, the more of the time goes into adding them up. */
const SHORTEST = 128;
const SIZE = 64;
const combineKernel = vectors("matmul_combine", combine);

/**
 * Counts the parts into which a large GPU shall split a product's k; 1 where its tiles are enough.
 *
 * With 4,096 tokens on an H200 the gradient of a 1024 x 256 matrix takes a fifth of the time in 8 parts. A training step
 * of the `teacher` preset takes as long with 256 or 512 workgroups, and with parts of 256 rows at least.
 */
export function partsOf({ m, n, k, batch = 1, bias, activated }: Product): number {
  if (batch > 1 || bias || activated) return 1;
  const tiles = Math.ceil(m / (2 * TILED_SIDE)) * Math.ceil(n / TILED_SIDE);
  let parts = Math.min(Math.floor(GROUPS / tiles), Math.floor(k / SHORTEST));
  while (parts > 1 && k % (parts * TILED_DEPTH) !== 0) parts--;
  return Math.max(1, parts);
}

/** Adds up the sums over `parts` of k into C, with what the product adds to it. */
export function combineDispatch({ m, n, c, residual, accumulate }: Product, partials: Scratch): Dispatch {
  const { kernel, per } = combineKernel(m * n);
  const flags = (residual ? RESIDUAL : 0) | (accumulate ? ACCUMULATE : 0);
  const values = partials.scratch + (flags === 0 ? 1 : 2) * m * n;
  return {
    kernel,
    constants: { SIZE },
    bindings: [partials, residual ?? partials, c], // a launch without a residual binds something else, and does not read it
    uniforms: [partials.scratch / (m * n), m * n / per, flags],
    groups: grid(m * n / per, SIZE),
    work: { flops: partials.scratch, bytes: BYTES_PER_ELEMENT * values },
  };
}
