import { assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { sum, sumOfSquares } from "../../lib/ops/sum/mod.ts";
import { assertClose, compute, constant, tf, toTf, valuesOf } from "./harness.ts";

const DEVICES = {
  "an invocation": await openDevice("webgpu", { tiled: [] }),
  "a workgroup": await openDevice("webgpu", { tiled: ["sum"] }),
};
/** The last ones have more vectors than there are partial sums, and than workgroups load at once. */
const SIZES = [[1], [3], [5, 7], [37, 20], [4099, 3], [1031, 47]] as const;

for (const [who, device] of Object.entries(DEVICES)) {
  Deno.test(`sum() and sumOfSquares() equal sums in double precision and TensorFlow.js (${who} a part)`, async () => {
    const graph = new Graph();
    const xs = SIZES.map((shape) => constant(graph, shape.join(" x "), shape));
    const values = await compute(device, graph, xs.flatMap((x) => [sum(x, { scale: -0.5 }), sumOfSquares(x)]));
    xs.forEach((x, i) => {
      const exact = Float64Array.from(valuesOf(x));
      const size = exact.reduce((total, value) => total + Math.abs(value), 0);
      const plain = -0.5 * exact.reduce((total, value) => total + value, 0);
      // Sums of either sign cancel, so the error is measured by the sum of magnitudes.
      assertClose([values[2 * i]![0]! - plain + size], [size], `sum of ${x.name}`, 1e-6);
      assertClose([values[2 * i]![0]! - toTf(x).sum().mul(-0.5).dataSync()[0]! + size], [size], x.name, 1e-6);
      assertClose(values[2 * i + 1]!, tf.sum(toTf(x).square()).dataSync(), `squares of ${x.name}`, 2e-6);
      assertClose(values[2 * i + 1]!, [exact.reduce((total, value) => total + value ** 2, 0)], x.name, 1e-6);
    });
  });

  Deno.test(`sum() adds to a scalar that outlives the run (${who} a part)`, async () => {
    const graph = new Graph();
    const x = graph.constant("x", [5], Float32Array.of(1, 2, 3, 4, 5));
    const total = sum(x, { scale: 2, into: graph.persistent("total", [1], "state") });
    assertEquals(await compute(device, graph, [total], { persistent: { total: Float32Array.of(7) }, runs: 3 }), [
      Float32Array.of(97),
    ]);
  });

  Deno.test(`sums have the same bytes in every run (${who} a part)`, async () => {
    const graph = new Graph();
    const x = constant(graph, "x", [129, 66]);
    const once = await compute(device, graph, [sum(x), sumOfSquares(x)]);
    assertEquals(await compute(device, graph, [sum(x), sumOfSquares(x)]), once);
  });
}

Deno.test("sumOfSquares() of several tensors is the sum of their sums", async () => {
  const graph = new Graph();
  const xs = SIZES.slice(0, 3).map((shape) => constant(graph, shape.join(" x "), shape));
  const [value] = await compute(DEVICES["an invocation"], graph, [sumOfSquares(xs[0]!, xs[1]!, xs[2]!)]);
  const exact = xs.flatMap((x) => [...valuesOf(x)]).reduce((total, v) => total + v ** 2, 0);
  assertClose(value!, [exact], "three tensors", 1e-6);
});

Deno.test("what lies past the last value does not count, not even NaN", async () => {
  const graph = new Graph();
  const page = graph.constant("page", [64], new Float32Array(64).fill(NaN).fill(2, 0, 37));
  const x = graph.view(page, "x", 0, [37]);
  for (const device of Object.values(DEVICES)) {
    assertEquals(await compute(device, graph, [sum(x), sumOfSquares(x)]), [Float32Array.of(74), Float32Array.of(148)]);
  }
});
