import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Draws } from "../../../lib/draws.ts";
import { nonNegativeLeastSquares } from "../../../lib/subnet/latency/least_squares.ts";

const draws = new Draws(1, "least squares");

function randomRows(count: number, columns: number): number[][] {
  return Array.from({ length: count }, () => Array.from({ length: columns }, () => draws.uniform()));
}

const product = (row: readonly number[], x: readonly number[]) => row.reduce((sum, value, i) => sum + value * x[i]!, 0);

function errorOf(rows: readonly number[][], targets: readonly number[], x: readonly number[]): number {
  return rows.reduce((sum, row, i) => sum + (product(row, x) - targets[i]!) ** 2, 0);
}

/** The same problem by gradient steps that are cut at 0, which need no set of columns. */
function byGradientSteps(rows: readonly number[][], targets: readonly number[], columns: number): number[] {
  let x = Array<number>(columns).fill(0);
  for (let step = 0; step < 20_000; step++) {
    const left = rows.map((row, i) => product(row, x) - targets[i]!);
    const gradient = x.map((_, j) => rows.reduce((sum, row, i) => sum + row[j]! * left[i]!, 0));
    x = x.map((value, j) => Math.max(0, value - gradient[j]! / (rows.length * columns)));
  }
  return x;
}

Deno.test("targets that coefficients of at least 0 explain give these back, zeros included", () => {
  const rows = randomRows(12, 5), right = [2, 0, 0.001, 30, 0];
  const found = nonNegativeLeastSquares(rows, rows.map((row) => product(row, right)), 5);
  right.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-8));
});

Deno.test("targets that need coefficients below 0 give what gradient steps that are cut at 0 find", () => {
  for (let trial = 0; trial < 5; trial++) {
    const rows = randomRows(10, 4), targets = rows.map((row) => product(row, [1, -0.7, 0.5, -0.2]) + draws.uniform());
    const found = nonNegativeLeastSquares(rows, targets, 4), expected = byGradientSteps(rows, targets, 4);
    assert(found.every((value) => value >= 0), `${found}`);
    found.forEach((value, i) => assertAlmostEquals(value, expected[i]!, 1e-6));
  }
});

Deno.test("columns that depend on each other, columns of zeros and no rows at all leave a best solution", () => {
  const rows = randomRows(8, 2).map(([a, b]) => [a!, b!, 2 * a! + b!, 0]);
  const targets = rows.map(([a, b]) => 3 * a! + 2 * b!);
  const found = nonNegativeLeastSquares(rows, targets, 4);
  assert(found.every((value) => value >= 0), `${found}`);
  assertAlmostEquals(errorOf(rows, targets, found), 0, 1e-12);
  assertEquals(nonNegativeLeastSquares([], [], 2), [0, 0]);
});
