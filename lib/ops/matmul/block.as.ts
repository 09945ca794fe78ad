// A block of C from packed panels.
import { WIDE } from "../kernel.as";
import { COLUMNS, halfTile, ROWS, wideTile } from "./tile.as";

// Bytes of scratch memory for a tile that hangs over C's edge.
export const EDGE_BYTES: usize = 384;

// C[rows, columns] = A B, or added to what C holds.
//
// a: panels of six rows of length k, one after the other. b: panels of sixteen columns, `bStride` bytes apart.
// c: rows `ldc` bytes apart. edge: EDGE_BYTES of scratch memory.
export function multiply(
  a: usize,
  b: usize,
  bStride: usize,
  c: usize,
  ldc: usize,
  rows: u32,
  columns: u32,
  k: u32,
  add: bool,
  edge: usize,
): void {
  const wide = load<u32>(WIDE) != 0;
  for (let j: u32 = 0; j < columns; j += COLUMNS, b += bStride) {
    let panel = a;
    for (let i: u32 = 0; i < rows; i += ROWS, panel += 24 * k) {
      const at = c + i * ldc + 4 * j;
      if (!add && i + ROWS <= rows && j + COLUMNS <= columns) {
        tile(panel, b, at, ldc, k, wide);
      } else {
        tile(panel, b, edge, 64, k, wide);
        copyEdge(edge, at, ldc, min(ROWS, rows - i), min(COLUMNS, columns - j), add);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function tile(a: usize, b: usize, c: usize, ldc: usize, k: u32, wide: bool): void {
  if (wide) {
    wideTile(a, b, c, ldc, k);
  } else {
    halfTile(a, b, c, ldc, k);
    halfTile(a, b + 32, c + 32, ldc, k);
  }
}

function copyEdge(edge: usize, c: usize, ldc: usize, rows: u32, columns: u32, add: bool): void {
  const four = columns & ~3;
  for (; rows > 0; rows--, edge += 64, c += ldc) {
    let j: u32 = 0;
    for (; j < four; j += 4) {
      const value = v128.load(edge + 4 * j);
      v128.store(c + 4 * j, add ? f32x4.add(v128.load(c + 4 * j), value) : value);
    }
    for (; j < columns; j++) {
      const value = load<f32>(edge + 4 * j);
      store<f32>(c + 4 * j, add ? load<f32>(c + 4 * j) + value : value);
    }
  }
}
