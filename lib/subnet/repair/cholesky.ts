/**
 * Linear equations with a symmetric positive definite matrix.
 *
 * @module
 */

/** Columns that are eliminated at a time: with two rows of as many, their sums fit the processor's registers. */
const PANEL = 4;

/**
 * Solves `A X = B` by Cholesky's factorisation, in double precision.
 *
 * @param a `[n, n]`, symmetric; its lower triangle is read, and all of it may be overwritten.
 * @param b `[n, m]`; overwritten with X.
 * @throws {RangeError} If the matrix is not positive definite.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number): void {
  factorise(a, n);
  const m = b.length / n;
  const rows = new Float64Array(b.length); // X transposed: sums run along rows
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) rows[j * n + i] = b[i * m + j]!;
  }
  substitute(a, rows, n);
  // Back to front, the transpose of L is a lower triangle too.
  for (let j = 0; j < m; j++) rows.subarray(j * n, (j + 1) * n).reverse();
  substitute(backToFront(a, n), rows, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) b[i * m + j] = rows[j * n + n - 1 - i]!;
  }
}

/** Replaces the lower triangle of A by L, with A = L L^T. */
function factorise(a: Float64Array, n: number): void {
  for (let first = 0; first < n; first += PANEL) {
    const end = Math.min(first + PANEL, n);
    subtractProducts(a, n, first, end, a, first, n);
    factoriseBlock(a, n, first, end);
    eliminate(a, n, first, end, a, end, n);
  }
}

/** Factorises a square on the diagonal, from which the products of all columns before it are subtracted. */
function factoriseBlock(a: Float64Array, n: number, first: number, end: number): void {
  for (let row = first; row < end; row++) {
    eliminate(a, n, first, row, a, row, row + 1);
    let sum = a[row * n + row]!;
    for (let k = first; k < row; k++) sum -= a[row * n + k]! ** 2;
    if (!(sum > 0)) {
      throw new RangeError(
        `Cannot solve these equations: their matrix must be positive definite, found a pivot of ${sum} in row ${row}`,
      );
    }
    a[row * n + row] = Math.sqrt(sum);
  }
}

/** Replaces rows `[m, n]` by the solutions of `L y = row`. */
function substitute(l: Float64Array, rows: Float64Array, n: number): void {
  const m = rows.length / n;
  for (let first = 0; first < n; first += PANEL) {
    const end = Math.min(first + PANEL, n);
    subtractProducts(l, n, first, end, rows, 0, m);
    eliminate(l, n, first, end, rows, 0, m);
  }
}

/** Solves for the columns of a panel, row by row, by the triangle of L on its diagonal. */
function eliminate(
  l: Float64Array,
  n: number,
  first: number,
  end: number,
  rows: Float64Array,
  from: number,
  to: number,
): void {
  for (let at = from * n; at < to * n; at += n) {
    for (let column = first; column < end; column++) {
      let sum = rows[at + column]!;
      for (let k = first; k < column; k++) sum -= rows[at + k]! * l[column * n + k]!;
      rows[at + column] = sum / l[column * n + column]!;
    }
  }
}

/** Subtracts from the columns of a panel the products with L of all columns before it. Nearly all work is done here. */
function subtractProducts(
  l: Float64Array,
  n: number,
  first: number,
  end: number,
  rows: Float64Array,
  from: number,
  to: number,
): void {
  let row = from;
  for (; end - first === PANEL && row + 1 < to; row += 2) {
    const p = row * n, q = p + n;
    const a = first * n, b = a + n, c = b + n, d = c + n;
    let pa = 0, pb = 0, pc = 0, pd = 0, qa = 0, qb = 0, qc = 0, qd = 0;
    for (let k = 0; k < first; k++) {
      const x = rows[p + k]!, y = rows[q + k]!;
      const la = l[a + k]!, lb = l[b + k]!, lc = l[c + k]!, ld = l[d + k]!;
      pa += x * la, pb += x * lb, pc += x * lc, pd += x * ld;
      qa += y * la, qb += y * lb, qc += y * lc, qd += y * ld;
    }
    rows[p + first]! -= pa, rows[p + first + 1]! -= pb, rows[p + first + 2]! -= pc, rows[p + first + 3]! -= pd;
    rows[q + first]! -= qa, rows[q + first + 1]! -= qb, rows[q + first + 2]! -= qc, rows[q + first + 3]! -= qd;
  }
  for (; row < to; row++) {
    for (let column = first; column < end; column++) {
      let sum = 0;
      for (let k = 0; k < first; k++) sum += rows[row * n + k]! * l[column * n + k]!;
      rows[row * n + column]! -= sum;
    }
  }
}

/** The transpose of a lower triangle with both orders reversed. */
function backToFront(l: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) result[(n - 1 - k) * n + n - 1 - i] = l[i * n + k]!;
  }
  return result;
}
