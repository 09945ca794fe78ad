import { assert, assertThrows } from "@std/assert";
import { solveSymmetric } from "../../../lib/subnet/repair/cholesky.ts";
import { normals } from "../../ops/harness.ts";

Deno.test("solutions of symmetric equations satisfy them", () => {
  for (const [n, m] of [[1, 1], [7, 3], [8, 1], [61, 21]] as const) {
    const root = normals("root", n * n), b = Float64Array.from(normals("right side", n * m));
    const a = Float64Array.from({ length: n * n }, (_, i) => {
      let sum = Math.floor(i / n) === i % n ? 0.1 : 0;
      for (let k = 0; k < n; k++) sum += root[Math.floor(i / n) * n + k]! * root[i % n * n + k]!;
      return sum;
    });
    const x = b.slice();
    solveSymmetric(a.slice(), x, n);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < m; column++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[row * n + k]! * x[k * m + column]!;
        assert(Math.abs(sum - b[row * m + column]!) < 1e-8, `${n} equations, row ${row}`);
      }
    }
  }
});

Deno.test("a matrix that is not positive definite is refused", () => {
  const matrix = Float64Array.of(1, 2, 2, 1);
  assertThrows(() => solveSymmetric(matrix, Float64Array.of(1, 1), 2), RangeError, "found a pivot of -3 in row 1");
});
