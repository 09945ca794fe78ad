/**
 * Linear equations with a symmetric positive definite matrix.
 *
 * @module
 */

/**
 * Solves `A X = B` by Cholesky's factorisation, in double precision.
 *
 * @param a `[n, n]`, symmetric; its lower triangle is read and overwritten.
 * @param b `[n, m]`; overwritten with X.
 * @throws {RangeError} If the matrix is not positive definite.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number): void {
  factorise(a, n);
  const m = b.length / n;
  const eliminate = (row: number, from: number, factor: number) => {
    for (let j = 0; j < m; j++) b[row * m + j]! -= factor * b[from * m + j]!;
  };
  const divide = (row: number) => {
    for (let j = 0; j < m; j++) b[row * m + j]! /= a[row * n + row]!;
  };
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) eliminate(row, k, a[row * n + k]!);
    divide(row);
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) eliminate(row, k, a[k * n + row]!);
    divide(row);
  }
}

/** Replaces the lower triangle of A by L, with A = L L^T. */
function factorise(a: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = a[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= a[row * n + k]! * a[column * n + k]!;
      if (column < row) a[row * n + column] = sum / a[column * n + column]!;
      else if (sum > 0) a[row * n + row] = Math.sqrt(sum);
      else {
        throw new RangeError(
          `Cannot solve these equations: their matrix must be positive definite, found a pivot of ${sum} in row ${row}`,
        );
      }
    }
  }
}
