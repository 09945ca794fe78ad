// What attention's kernels share: the sizes of a launch, where a head's rows lie, and their packing into panels.
//
// A unit is one head of one sequence. It works on blocks of query rows and, for each, on the keys that the block's last
// row sees: what lies beyond is never computed. All products go through the tile of the matrix product.
import { multiply } from "../matmul/block.as";
import { packColumnsOfA, packColumnsOfB, packRowsOfA, packRowsOfB } from "../matmul/pack.as";
import { COLUMNS, ROWS } from "../matmul/tile.as";

// The smallest multiple of a panel's width that holds `n` columns; of its height, `n` rows.
// @ts-ignore: decorator
@inline
export function padded(n: u32): u32 {
  return (n + COLUMNS - 1) / COLUMNS * COLUMNS;
}

// @ts-ignore: decorator
@inline
export function paddedRows(n: u32): u32 {
  return (n + ROWS - 1) / ROWS * ROWS;
}

// Panels of B whose columns are rows of a matrix: for products with its transpose.
export function packTransposed(from: usize, to: usize, rows: u32, size: u32, stride: usize): void {
  for (let j: u32 = 0; j < rows; j += COLUMNS, to += 4 * COLUMNS * size) {
    packColumnsOfB(from + j * stride, to, size, min(COLUMNS, rows - j), stride);
  }
}

// Panels of B whose rows are rows of a matrix.
export function packPlain(from: usize, to: usize, rows: u32, size: u32, stride: usize): void {
  for (let j: u32 = 0; j < size; j += COLUMNS, to += 4 * COLUMNS * rows) {
    packRowsOfB(from + 4 * j, to, rows, min(COLUMNS, size - j), stride);
  }
}

// Panels of A from rows of a matrix.
export function packLeft(from: usize, to: usize, rows: u32, size: u32, stride: usize): void {
  for (let i: u32 = 0; i < rows; i += ROWS, to += 4 * ROWS * size) {
    packRowsOfA(from + i * stride, to, size, min(ROWS, rows - i), stride);
  }
}

// Panels of A from columns of a matrix.
export function packLeftTransposed(from: usize, to: usize, rows: u32, columns: u32, stride: usize): void {
  for (let i: u32 = 0; i < columns; i += ROWS, to += 4 * ROWS * rows) {
    packColumnsOfA(from + 4 * i, to, rows, min(ROWS, columns - i), stride);
  }
}

// scores[rows, columns] = A B^T of packed panels, over whole tiles: the buffer has room for them.
export function score(a: usize, b: usize, to: usize, stride: usize, rows: u32, columns: u32, size: u32, edge: usize): void {
  multiply(a, b, 4 * COLUMNS * size, to, stride, paddedRows(rows), padded(columns), size, false, edge);
}
