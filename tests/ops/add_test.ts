import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { add, axpy } from "../../lib/ops/add/mod.ts";
import { dropout } from "../../lib/ops/dropout/mod.ts";
import { linear } from "../../lib/ops/matmul/mod.ts";
import { assertClose, compute, constant, normals, tf, toTf } from "./harness.ts";

const device = await openDevice("webgpu");

Deno.test("add() equals TensorFlow.js in values and gradients, scaled and unscaled, on odd sizes", async () => {
  const graph = new Graph();
  const cases = ([[[1], 1], [[5, 7], 1], [[37, 20], -0.5], [[129, 66], 3]] as const).map(([shape, alpha]) => {
    const name = shape.join(" x ");
    const [y, x, dy] = ["y", "x", "dy"].map((which) => constant(graph, `${which} ${name}`, shape));
    const out = add(y!, x!, alpha);
    const found = differentiate(graph, { of: out, wrt: [y!, x!], upstream: dy! });
    const expected = [
      toTf(y!).add(toTf(x!).mul(alpha)),
      ...tf.grads((y, x) => y!.add(x!.mul(alpha)))([toTf(y!), toTf(x!)], toTf(dy!)),
    ];
    return { name, tensors: [out, found.get(y!)!, found.get(x!)!], expected };
  });
  const values = await compute(device, graph, cases.flatMap(({ tensors }) => tensors));
  cases.forEach(({ name, expected }, i) =>
    expected.forEach((tensor, j) => assertClose(values[3 * i + j]!, tensor.dataSync(), `${name}: ${j}`))
  );
});

Deno.test("add() of a tensor to itself has the gradient of both uses", async () => {
  const graph = new Graph();
  const [x, dy] = [constant(graph, "x", [5, 7]), constant(graph, "dy", [5, 7])];
  const [dx] = await compute(device, graph, [
    ...differentiate(graph, { of: add(x, x, 0.25), wrt: [x], upstream: dy }).values(),
  ]);
  assertClose(dx!, normals("dy", 35).map((value) => 1.25 * value), "dx");
});

Deno.test("gradients have the shapes of their tensors where add() takes one for another of its size", async () => {
  const graph = new Graph();
  const [x, weight] = [constant(graph, "x", [4, 3]), constant(graph, "weight", [6, 3])];
  const [bias, y, dy] = [constant(graph, "bias", [6]), constant(graph, "y", [2, 12]), constant(graph, "dy", [2, 12])];
  const out = add(y, add(linear(x, weight, { bias }), y));
  const wrt = [x, weight, bias, y];
  const found = differentiate(graph, { of: out, wrt, upstream: dy });
  const gradients = wrt.map((tensor) => found.get(tensor)!);
  assertEquals(gradients.map(({ shape }) => shape), wrt.map(({ shape }) => shape));
  const expected = tf.grads((x, weight, bias, y) => {
    const rows = tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true).add(bias!);
    return y!.add(rows.add(y!.reshape([4, 6])).reshape([2, 12]));
  })(wrt.map((tensor) => toTf(tensor)), toTf(dy));
  const values = await compute(device, graph, gradients);
  values.forEach((value, i) => assertClose(value, expected[i]!.dataSync(), wrt[i]!.name));
});

Deno.test("a residual has a gradient of its own shape, whoever adds it", async () => {
  const graph = new Graph();
  const [x, weight] = [constant(graph, "x", [4, 3]), constant(graph, "weight", [6, 3])];
  const [bias, extra, dy] = ["bias", "extra", "dy"].map((name, i) => constant(graph, name, [[6], [2, 12], [4, 6]][i]!));
  const key = graph.constant("key", [2], Uint32Array.of(1, 2));
  const residual = linear(x, weight, { bias });
  for (
    const of of [
      linear(x, weight, { residual: add(extra!, residual) }),
      dropout(dy!, { rate: 0.5, key, residual: add(extra!, residual) }),
    ]
  ) {
    const found = differentiate(graph, { of, wrt: [bias!, extra!], upstream: dy! });
    assertEquals([found.get(bias!)!.shape, found.get(extra!)!.shape], [[6], [2, 12]]);
    const [dbias, dextra] = await compute(device, graph, [found.get(bias!)!, found.get(extra!)!]);
    assertEquals(dextra, normals("dy", 24));
    assertClose(dbias!, tf.sum(toTf(dy!), 0).dataSync(), `bias through ${of.name}`);
  }
});

Deno.test("axpy() changes a view in place and not one value beside it", async () => {
  const graph = new Graph();
  const page = graph.persistent("page", [192], "gradient");
  const part = graph.view(page, "part", 64, [5, 7]);
  const x = constant(graph, "x", [48]);
  // A temporary whose memory goes on past its 35 values, filled with what an earlier tensor left there.
  const rest = add(x, x);
  const short = graph.view(rest, "short", 0, [35]);
  axpy(part, short, -2);
  const [values] = await compute(device, graph, [page]);
  const expected = normals("page", 192);
  normals("x", 48).slice(0, 35).forEach((value, i) => expected[64 + i]! -= 4 * value);
  assertClose(values!, expected, "page");
  assertEquals(values!.slice(99), normals("page", 192).slice(99));
});

Deno.test("add() refuses tensors of different sizes, with both shapes", () => {
  const graph = new Graph();
  const [a, b] = [graph.input("a", [5, 7]), graph.input("b", [5, 8])];
  assertThrows(() => add(a, b), RangeError, "found b [5, 8] and a [5, 7]");
});
