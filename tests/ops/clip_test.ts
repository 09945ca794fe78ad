import { assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { clip } from "../../lib/ops/clip/mod.ts";
import { sumOfSquares } from "../../lib/ops/sum/mod.ts";
import { assertClose, compute, constant, tf, toTf } from "./harness.ts";

const device = await openDevice("webgpu");

Deno.test("clip() scales a longer gradient down to the maximum, and leaves a shorter one", async () => {
  const graph = new Graph();
  const squares = graph.constant("squares", [1], Float32Array.of(25));
  const tensors = [1, 4.5, 5, 7, 0].flatMap((maximum) => {
    const { norm, factor } = clip(squares, maximum);
    return [norm, factor];
  });
  const values = (await compute(device, graph, tensors)).map(([value]) => value!);
  assertClose(values, [5, 0.2, 5, 0.9, 5, 1, 5, 1, 5, 1], "norms and factors", 1e-7);
});

Deno.test("clip() leaves a gradient of zeros", async () => {
  const graph = new Graph();
  const { norm, factor } = clip(graph.constant("squares", [1], Float32Array.of(0)), 1);
  assertEquals(await compute(device, graph, [norm, factor]), [Float32Array.of(0), Float32Array.of(1)]);
});

Deno.test("the norm is TensorFlow.js's norm of all gradients together", async () => {
  const graph = new Graph();
  const [a, b] = [constant(graph, "a", [37, 20]), constant(graph, "b", [129, 66])];
  const { norm, factor } = clip(sumOfSquares(a, b), 1);
  const [length, scale] = await compute(device, graph, [norm, factor]);
  const expected = tf.norm(tf.concat([toTf(a).flatten(), toTf(b).flatten()])).dataSync();
  assertClose(length!, expected, "norm", 1e-6);
  assertClose(scale!, [1 / expected[0]!], "factor", 1e-6);
});
