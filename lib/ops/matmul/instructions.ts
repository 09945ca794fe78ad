/**
 * From a matrix product to instructions of the CPU.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, float, type Instruction } from "../define.ts";
import { matmulCost, type Product } from "./dispatch.ts";

// These numbers stand in tile.as.ts, block.as.ts and matmul.as.ts too.
const TILE = { rows: 6, columns: 16 };
const DEPTH = 512;
const EDGE_BYTES = 384;
const FORMS = { NN: 0, NT: 1, TN: 2 };
const BIAS = 1;
const RESIDUAL = 2;
const ACCUMULATE = 4;
const GELU = 8;
const EXACT = 16;
/** Rows of C that a unit computes: their part of A stays in a core's second cache. */
const BLOCK_ROWS = 48;
/** Units below which blocks are divided along n too, so that threads end together. */
const LEAST_UNITS = 16;

/** Returns the instructions of a matrix product: B is packed, then C is computed block by block. */
export function matmulInstructions(product: Product): Instruction[] {
  const { form, m, n, k, batch = 1, a, b, c, bias, residual, activated, alpha = 1 } = product;
  const panels = Math.ceil(n / TILE.columns);
  const sharedBytes = batch * panels * TILE.columns * k * BYTES_PER_ELEMENT;
  const down = Math.ceil(m / BLOCK_ROWS);
  const wanted = Math.ceil(LEAST_UNITS / (down * batch));
  const blockColumns = Math.ceil(panels / Math.min(wanted, panels)) * TILE.columns;
  const across = Math.ceil(n / blockColumns);
  const flags = (bias ? BIAS : 0) | (residual ? RESIDUAL : 0) | (product.accumulate ? ACCUMULATE : 0) |
    (activated ? GELU | (activated.kind === "gelu" ? EXACT : 0) : 0);
  return [
    {
      kernel: "matmulPack",
      operands: [b],
      words: [n, k, FORMS[form], panels],
      units: batch * panels,
      sharedBytes,
      work: { flops: 0, bytes: 2 * BYTES_PER_ELEMENT * batch * n * k },
    },
    {
      kernel: "matmul",
      operands: [a, c, bias ?? a, residual ?? c, activated?.view ?? c],
      words: [m, n, k, FORMS[form], flags, float(alpha), BLOCK_ROWS, blockColumns, down, across],
      units: batch * down * across,
      sharedBytes,
      threadBytes: EDGE_BYTES + BLOCK_ROWS * Math.min(k, DEPTH) * BYTES_PER_ELEMENT,
      work: matmulCost({ m, n, k, batch }),
    },
  ];
}
