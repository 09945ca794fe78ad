import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { columnSum } from "../../lib/ops/column_sum/mod.ts";
import { assertClose, compute, constant, normals, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["columnSum"] }),
};

/** More rows than a strip, more columns than a workgroup, more strips than it loads at once, and a strip of one row. */
const SHAPES = [[1, 1], [5, 7], [37, 20], [129, 66], [130, 148], [8257, 5], [8300, 12]] as const;

/** A matrix and what a norm keeps of it. */
function operands(graph: Graph, rows: number, width: number) {
  const [dy, x] = ["dy", "x"].map((which) => constant(graph, `${which} ${rows} x ${width}`, [rows, width]));
  const [mean, rstd] = ["mean", "rstd"].map((which) => constant(graph, `${which} ${rows} x ${width}`, [rows]));
  return { dy: dy!, x: x!, mean: mean!, rstd: rstd! };
}

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`columnSum() equals TensorFlow.js and sums in double precision, plain and normalised (${who} a strip)`, async () => {
    const graph = new Graph();
    const cases = SHAPES.map(([rows, width]) => ({ rows, width, ...operands(graph, rows, width) }));
    const values = await compute(
      device,
      graph,
      cases.flatMap(({ dy, x, mean, rstd }) => [columnSum(dy), columnSum(dy, { normalised: { x, mean, rstd } })]),
    );
    cases.forEach(({ rows, width, dy, x, mean, rstd }, i) => {
      const column = (tensor: typeof mean) => toTf(tensor, [rows, 1]);
      const normalised = toTf(x).sub(column(mean)).mul(column(rstd)).mul(toTf(dy));
      assertClose(values[2 * i]!, tf.sum(toTf(dy), 0).dataSync(), dy.name);
      assertClose(values[2 * i + 1]!, tf.sum(normalised, 0).dataSync(), `normalised ${dy.name}`);
      const exact = new Float64Array(width);
      valuesOf(dy).forEach((value, j) => exact[j % width]! += value);
      assertClose(values[2 * i]!, exact, `exact ${dy.name}`, 2e-6);
    });
  });

  Deno.test(`columnSum() adds to accumulators in place and to other sums as a new tensor (${who} a strip)`, async () => {
    const graph = new Graph();
    const { dy, x, mean, rstd } = operands(graph, 129, 66);
    const page = graph.persistent("page", [256], "gradient");
    const into = graph.view(page, "part", 128, [66]);
    const found = constant(graph, "found", [66]);
    const [plain, normalised] = await compute(device, graph, [
      columnSum(dy),
      columnSum(dy, { normalised: { x, mean, rstd } }),
    ]);
    columnSum(dy, { into });
    columnSum(dy, { into, normalised: { x, mean, rstd } });
    const [both, sums] = await compute(device, graph, [columnSum(dy, { into: found }), page]);
    assertClose(both!, plain!.map((value, i) => value + valuesOf(found)[i]!), "new tensor");
    const before = normals("page", 256);
    assertClose(sums!.subarray(128, 194), plain!.map((v, i) => v + normalised![i]! + before[128 + i]!), "accumulator");
    assertEquals(sums!.slice(194), before.slice(194));
    assertEquals(sums!.slice(0, 128), before.slice(0, 128));
  });

  Deno.test(`what lies past the last row does not count, not even NaN (${who} a strip)`, async () => {
    const graph = new Graph();
    const page = graph.constant("page", [64], new Float32Array(64).fill(NaN).fill(2, 0, 35));
    const dy = graph.view(page, "dy", 0, [5, 7]);
    assertEquals(await compute(device, graph, [columnSum(dy)]), [new Float32Array(7).fill(10)]);
  });

  Deno.test(`columnSum() has the same bytes in every run (${who} a strip)`, async () => {
    const graph = new Graph();
    const sum = columnSum(constant(graph, "dy", [129, 66]));
    assertEquals(await compute(device, graph, [sum]), await compute(device, graph, [sum]));
  });
}

Deno.test("columnSum() refuses an accumulator that has not one value for each column", () => {
  const graph = new Graph();
  const dy = graph.input("dy", [12, 6]);
  for (const size of [4, 12]) {
    const into = graph.persistent(`sum of ${size}`, [size], "gradient");
    assertThrows(
      () => columnSum(dy, { into }),
      RangeError,
      `Cannot sum the columns of dy [12, 6]: 'into' must have 6 values, found sum of ${size} [${size}]`,
    );
  }
  assertEquals(graph.nodes, []);
});
