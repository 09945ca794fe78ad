// Matrix products: B is packed once by all threads, then each unit computes a block of C from rows of A that it packs
// for itself. The sum of a value of C runs along k in one order, whatever the blocks.
import { geluRow } from "../gelu/functions.as";
import { operand, real, shared, word } from "../kernel.as";
import { addRow, multiplyRow } from "../simd/rows.as";
import { EDGE_BYTES, multiply } from "./block.as";
import { packColumnsOfA, packColumnsOfB, packRowsOfA, packRowsOfB } from "./pack.as";
import { COLUMNS, ROWS } from "./tile.as";

// These numbers stand in instructions.ts too.
const TN: u32 = 2;
const NT: u32 = 1;
const BIAS: u32 = 1;
const RESIDUAL: u32 = 2;
const ACCUMULATE: u32 = 4;
const GELU: u32 = 8;
const EXACT: u32 = 16;
// Steps of k for which a block of A is packed at a time.
const DEPTH: u32 = 512;

// Packs a panel of B. Operands: B. Words: n, k, form, panels of a matrix.
export function matmulPack(p: usize, unit: u32, _scratch: usize): void {
  const n = word(p, 2), k = word(p, 3), form = word(p, 4), panels = word(p, 5);
  const column = unit % panels * COLUMNS;
  const b = operand(p, 0) + 4 * n * k * (unit / panels);
  const to = shared(p) + unit * (4 * COLUMNS * k);
  const columns = min(COLUMNS, n - column);
  if (form == NT) packColumnsOfB(b + 4 * column * k, to, k, columns, 4 * k);
  else packRowsOfB(b + 4 * column, to, k, columns, 4 * n);
}

// Computes a block of C from packed B. Operands: A, C, bias, residual, activated.
// Words: m, n, k, form, flags, alpha, rows and columns of a block, blocks along m and n.
export function matmul(p: usize, unit: u32, scratch: usize): void {
  const m = word(p, 6), n = word(p, 7), k = word(p, 8), form = word(p, 9), flags = word(p, 10);
  const alpha = real(p, 11);
  const blockRows = word(p, 12), blockColumns = word(p, 13), down = word(p, 14), across = word(p, 15);
  const matrix = unit / (down * across);
  const row = unit / across % down * blockRows, column = unit % across * blockColumns;
  const rows = min(blockRows, m - row), columns = min(blockColumns, n - column);
  const a = operand(p, 0) + 4 * m * k * matrix;
  const panels = (n + COLUMNS - 1) / COLUMNS;
  const b = shared(p) + (matrix * panels + column / COLUMNS) * (4 * COLUMNS * k);
  const c = operand(p, 1) + 4 * (matrix * m * n + row * n + column);
  const packed = scratch + EDGE_BYTES;

  for (let start: u32 = 0; start < k; start += DEPTH) {
    const depth = min(DEPTH, k - start);
    let to = packed;
    for (let i: u32 = 0; i < rows; i += ROWS, to += 4 * ROWS * depth) {
      const count = min(ROWS, rows - i);
      if (form == TN) packColumnsOfA(a + 4 * (start * m + row + i), to, depth, count, 4 * m);
      else packRowsOfA(a + 4 * ((row + i) * k + start), to, depth, count, 4 * k);
    }
    if (alpha != 1) multiplyRow(packed, <u32>((to - packed) / 4), alpha);
    const add = start > 0 || (flags & ACCUMULATE) != 0;
    multiply(packed, b + 64 * start, 64 * k, c, 4 * n, rows, columns, depth, add, scratch);
  }
  if (flags & (BIAS | RESIDUAL | GELU)) {
    const bias = flags & BIAS ? operand(p, 2) + 4 * column : 0;
    const residual = flags & RESIDUAL ? operand(p, 3) + (c - operand(p, 1)) : 0;
    const activated = flags & GELU ? operand(p, 4) + (c - operand(p, 1)) : 0;
    finish(c, 4 * n, rows, columns, bias, residual, activated, (flags & EXACT) != 0);
  }
}

// Adds bias and residual, where there are such, to a block of C, and writes its gelu where that is wanted.
function finish(
  c: usize,
  ldc: usize,
  rows: u32,
  columns: u32,
  bias: usize,
  residual: usize,
  activated: usize,
  exact: bool,
): void {
  for (; rows > 0; rows--, c += ldc) {
    if (bias) addRow(c, bias, columns);
    if (residual) {
      addRow(c, residual, columns);
      residual += ldc;
    }
    if (activated) {
      geluRow(c, activated, columns, exact);
      activated += ldc;
    }
  }
}
