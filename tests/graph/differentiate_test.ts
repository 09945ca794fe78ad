import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { Op } from "../../lib/graph/op.ts";
import { defineOp } from "../../lib/ops/kernels.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { accumulate, add, axpy } from "../../lib/ops/add/mod.ts";
import { step } from "./random_graph.ts";

const nowhere = { cost: () => ({ flops: 0, bytes: 0 }) };

const productOp: Op<null> = defineOp({
  name: "product",
  infer: ([a]) => [{ shape: a!.shape }],
  gradient: ({ inputs: [a, b], upstream: [d], needs }) => [
    needs(0) ? (sum) => accumulate(sum, product(d!, b!)) : undefined,
    needs(1) ? (sum) => accumulate(sum, product(d!, a!)) : undefined,
  ],
  ...nowhere,
});

const product = (a: Tensor, b: Tensor): Tensor => a.graph.apply(productOp, [a, b], null)[0]!;

/** Evaluates scalar graphs of sums and products in double precision; what a step makes must be among the values. */
function evaluate(graph: Graph, values: Map<Tensor, number>): Map<Tensor, number> {
  for (const [constant, [value]] of graph.constants) values.set(constant, value!);
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const [a, b] = inputs.map((input) => values.get(input) ?? 0);
    if (op.name === "product") values.set(outputs[0]!, a! * b!);
    else if (op.name === "add") values.set(outputs[0]!, a! + attributes.alpha * b!);
    else if (op.name === "axpy") values.set(inputs[0]!, a! + attributes.alpha * b!);
    else if (op !== step) throw new Error(op.name);
  }
  return values;
}

/** z = x y + 3 x^2 y + (x + y) with each of x and y used several times. */
function polynomial(): { graph: Graph; x: Tensor; y: Tensor; z: Tensor } {
  const graph = new Graph();
  const [x, y] = [graph.input("x", [1]), graph.input("y", [1])];
  const xy = product(x, y);
  return { graph, x, y, z: add(add(xy, product(x, xy), 3), add(x, y)) };
}

Deno.test("gradients of tensors that are used several times are summed", () => {
  const { graph, x, y, z } = polynomial();
  const found = differentiate(graph, { of: z, wrt: [x, y] });
  const values = evaluate(graph, new Map([[x, 2], [y, 5]]));
  assertEquals(values.get(z), 10 + 3 * 20 + 7);
  assertAlmostEquals(values.get(found.get(x)!)!, 5 + 6 * 2 * 5 + 1);
  assertAlmostEquals(values.get(found.get(y)!)!, 2 + 3 * 4 + 1);
});

Deno.test("an upstream gradient takes the place of the constant 1", () => {
  const { graph, x, z } = polynomial();
  const upstream = graph.input("upstream", [1]);
  const found = differentiate(graph, { of: z, wrt: [x], upstream });
  const values = evaluate(graph, new Map([[x, 2], [upstream, -3]]));
  assertAlmostEquals(values.get(found.get(x)!)!, -3 * 1);
});

Deno.test("gradients are added to accumulators in place, and other tensors are made anew", () => {
  const { graph, x, y, z } = polynomial();
  const sum = graph.persistent("dx", [1], "gradient");
  const before = graph.nodes.length;
  const found = differentiate(graph, { of: z, wrt: [x, y], into: new Map([[x, sum]]) });
  assertEquals(found.get(x), sum);
  const values = evaluate(graph, new Map([[x, 2], [y, 5], [sum, 100]]));
  assertAlmostEquals(values.get(sum)!, 100 + 66);
  assertAlmostEquals(values.get(found.get(y)!)!, 15);
  for (const { updates } of graph.nodes.slice(before)) assert(updates.every((tensor) => tensor === sum));
});

Deno.test("a second backward pass of one graph adds to the same accumulators", () => {
  const { graph, x, z } = polynomial();
  const into = new Map([[x, graph.persistent("dx", [1], "gradient")]]);
  differentiate(graph, { of: z, wrt: [x], into });
  differentiate(graph, { of: z, wrt: [x], into });
  assertAlmostEquals(evaluate(graph, new Map([[x, 2], [graph.tensors[1]!, 5]])).get(into.get(x)!)!, 2 * 66);
});

Deno.test("no gradient is computed for what is not asked for", () => {
  const { graph, x, y, z } = polynomial();
  const alone = graph.nodes.length;
  differentiate(graph, { of: z, wrt: [x] });
  const forOne = graph.nodes.length - alone;
  differentiate(graph, { of: z, wrt: [x, y] });
  assert(forOne < graph.nodes.length - alone - forOne);
});

Deno.test("what made a tensor needs no gradient where only the tensor's own is asked for", () => {
  const graph = new Graph();
  const [x, y] = [graph.input("x", [1]), graph.input("y", [1])];
  const [made] = graph.apply(step, [x], { makes: [1], changes: [] });
  const z = product(product(made!, y), made!);
  const found = differentiate(graph, { of: z, wrt: [made!] }).get(made!)!;
  assertEquals(evaluate(graph, new Map([[made!, 2], [y, 5]])).get(found), 2 * 2 * 5);
  assertThrows(() => differentiate(graph, { of: z, wrt: [made!, x] }), RangeError, "step has no gradient");
});

Deno.test("what cannot be differentiated is refused by name", () => {
  const { graph, x, z } = polynomial();
  const refused = (of: Tensor, wrt: Tensor[], message: string, upstream?: Tensor) =>
    assertThrows(() => differentiate(graph, { of, wrt, ...(upstream ? { upstream } : {}) }), RangeError, message);
  const vector = graph.input("vector", [3]);
  refused(add(vector, vector), [vector], "[3]: it must be a scalar; pass 'upstream' for other shapes");
  refused(z, [vector], "it does not depend on vector [3]");
  refused(z, [graph.input("unused", [1])], "it does not depend on unused [1]");
  const [blocked] = graph.apply(step, [x], { makes: [1], changes: [] });
  refused(product(blocked!, x), [x], "step has no gradient");
});

Deno.test("an upstream gradient and accumulators of other shapes than their tensors' are refused", () => {
  const graph = new Graph();
  const x = graph.input("x", [4, 3]);
  const of = add(x, x);
  const upstream = graph.input("upstream", [4, 3]);
  for (const shape of [[1], [12], [3, 4]]) {
    const found = `${shape.length} [${shape.join(", ")}]`;
    const other = graph.input(`input ${shape} of ${shape.length}`, shape);
    assertThrows(
      () => differentiate(graph, { of, wrt: [x], upstream: other }),
      RangeError,
      `Cannot differentiate add.0 [4, 3]: 'upstream' must be of its shape, found input ${shape} of ${found}`,
    );
    const into = new Map([[x, graph.persistent(`sum ${shape} of ${shape.length}`, shape, "gradient")]]);
    assertThrows(
      () => differentiate(graph, { of, wrt: [x], upstream, into }),
      RangeError,
      `Cannot differentiate add.0 [4, 3]: the accumulator of x [4, 3] must be of its shape, found sum ${shape} of ${found}`,
    );
  }
  assertEquals(graph.nodes.length, 1);
});

Deno.test("a scalar of any shape has an upstream gradient of 1", () => {
  const graph = new Graph();
  const x = graph.input("x", [1, 1]);
  const dx = differentiate(graph, { of: add(x, x), wrt: [x] }).get(x)!;
  assertEquals(dx.shape, [1, 1]);
  assertEquals(evaluate(graph, new Map([[x, 3]])).get(dx), 2);
});

Deno.test("a gradient through a change in place is refused and not left out", () => {
  const { graph, x, z } = polynomial();
  const state = graph.persistent("state", [1], "state");
  axpy(state, z); // of no consequence for z
  differentiate(graph, { of: z, wrt: [x] });
  const after = product(state, x);
  assertThrows(
    () => differentiate(graph, { of: after, wrt: [x] }),
    RangeError,
    "axpy changes state [1] in place; make a new tensor",
  );
});

Deno.test("a gradient through a view of another tensor is refused and not left out", () => {
  const graph = new Graph();
  const page = graph.persistent("page", [128], "parameter");
  const [low, high] = [graph.view(page, "low", 0, [1]), graph.view(page, "high", 64, [1])];
  differentiate(graph, { of: product(low, high), wrt: [low, high] });
  assertThrows(
    () => differentiate(graph, { of: product(low, graph.view(page, "alias", 0, [1])), wrt: [low] }),
    RangeError,
    "it depends on alias [1], which shares memory with another tensor",
  );
});
