// Copies parts of matrices into panels, in the order in which a tile reads them. Rows and columns past the end are 0.
import { COLUMNS, ROWS } from "./tile.as";

// One panel of B from a matrix whose rows are the steps of k: [k][columns], `stride` bytes a row.
export function packRowsOfB(from: usize, to: usize, k: u32, columns: u32, stride: usize): void {
  if (columns == COLUMNS) {
    for (; k > 0; k--, from += stride, to += 64) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
    return;
  }
  for (; k > 0; k--, from += stride, to += 64) {
    for (let i: u32 = 0; i < COLUMNS; i++) store<f32>(to + 4 * i, i < columns ? load<f32>(from + 4 * i) : 0);
  }
}

// One panel of B from a matrix whose rows are its columns: [columns][k], `stride` bytes a row.
export function packColumnsOfB(from: usize, to: usize, k: u32, columns: u32, stride: usize): void {
  for (let i: u32 = 0; i < COLUMNS; i += 4) {
    const row = from + i * stride;
    const at = to + 4 * i;
    if (i + 4 <= columns) transpose(row, at, k, stride, 64);
    else for (let j: u32 = 0; j < 4; j++) spread(row + j * stride, at + 4 * j, k, 64, i + j < columns);
  }
}

// One panel of A from rows of C: [rows][k], times alpha.
export function packRowsOfA(from: usize, to: usize, k: u32, rows: u32, stride: usize): void {
  if (rows >= 4) transpose(from, to, k, stride, 24);
  for (let i: u32 = rows >= 4 ? 4 : 0; i < ROWS; i++) spread(from + i * stride, to + 4 * i, k, 24, i < rows);
}

// One panel of A from columns of C: [k][rows].
export function packColumnsOfA(from: usize, to: usize, k: u32, rows: u32, stride: usize): void {
  if (rows == ROWS) {
    for (; k > 0; k--, from += stride, to += 24) {
      v128.store(to, v128.load(from));
      store<u64>(to + 16, load<u64>(from + 16));
    }
    return;
  }
  for (; k > 0; k--, from += stride, to += 24) {
    for (let i: u32 = 0; i < ROWS; i++) store<f32>(to + 4 * i, i < rows ? load<f32>(from + 4 * i) : 0);
  }
}

// Four rows of k values become k groups of four, `step` bytes apart.
function transpose(from: usize, to: usize, k: u32, stride: usize, step: usize): void {
  for (; k >= 4; k -= 4, from += 16) {
    const a = v128.load(from);
    const b = v128.load(from + stride);
    const c = v128.load(from + 2 * stride);
    const d = v128.load(from + 3 * stride);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    to += step;
    v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    to += step;
    v128.store(to, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
    to += step;
    v128.store(to, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
    to += step;
  }
  for (; k > 0; k--, from += 4, to += step) {
    store<f32>(to, load<f32>(from));
    store<f32>(to + 4, load<f32>(from + stride));
    store<f32>(to + 8, load<f32>(from + 2 * stride));
    store<f32>(to + 12, load<f32>(from + 3 * stride));
  }
}

// k values of one row, or zeros, `step` bytes apart.
function spread(from: usize, to: usize, k: u32, step: usize, exists: bool): void {
  for (; k > 0; k--, from += 4, to += step) store<f32>(to, exists ? load<f32>(from) : 0);
}
