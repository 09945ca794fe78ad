import { assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { gather, type Picks, scatterAdd } from "../../lib/ops/gather/mod.ts";
import { assertClose, compute, constant, normals, tf, toTf, valuesOf } from "./harness.ts";

const device = await openDevice("webgpu");

const ROWS = Uint32Array.of(36, 0, 5, 17, 16);
const COLUMNS = Uint32Array.of(2, 19, 3);
const PICKS = { rows: [ROWS, undefined], columns: [undefined, COLUMNS], both: [ROWS, COLUMNS] } as const;

function picksOf(graph: Graph, kind: keyof typeof PICKS): Picks {
  const [rows, columns] = PICKS[kind].map((list, i) =>
    list && graph.constant(`${kind} ${i}`, [list.length], Uint32Array.from(list))
  );
  return { rows, columns };
}

function gatherTf(x: tf.Tensor, kind: keyof typeof PICKS): tf.Tensor {
  return PICKS[kind].reduce<tf.Tensor>(
    (x, list, axis) => list ? tf.gather(x, tf.tensor1d(Int32Array.from(list), "int32"), axis) : x,
    x,
  );
}

function allOf(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

for (const kind of ["rows", "columns", "both"] as const) {
  Deno.test(`gather() of ${kind} equals TensorFlow.js in values and gradients`, async () => {
    const graph = new Graph();
    const x = constant(graph, "x", [37, 20]);
    const out = gather(x, picksOf(graph, kind));
    const upstream = constant(graph, "dy", out.shape);
    const dx = differentiate(graph, { of: out, wrt: [x], upstream }).get(x)!;
    const sum = graph.persistent("sum", [37, 20], "gradient");
    differentiate(graph, { of: out, wrt: [x], upstream, into: new Map([[x, sum]]) });
    const [value, gradient, total] = await compute(device, graph, [out, dx, sum]);
    assertEquals(out.shape, gatherTf(toTf(x), kind).shape);
    assertEquals(value, gatherTf(toTf(x), kind).dataSync() as Float32Array);
    const expected = tf.grad((x) => gatherTf(x, kind))(toTf(x), toTf(upstream)).dataSync();
    assertEquals(gradient, expected as Float32Array);
    assertClose(total!, normals("sum", 740).map((v, i) => v + expected[i]!), "accumulator", 1e-7);
  });
}

Deno.test("the gradient of what gather() picked several times is the sum of all of them, the same in every run", async () => {
  const lists = { rows: Uint32Array.of(5, 0, 5, 36, 5), columns: Uint32Array.of(3, 3, 19, 0) };
  for (const kind of ["rows", "columns", "both"] as const) {
    const graph = new Graph();
    const x = constant(graph, "x", [37, 20]);
    const list = (name: "rows" | "columns") =>
      kind === "both" || kind === name ? graph.constant(name, [lists[name].length], lists[name]) : undefined;
    const picks = { rows: list("rows"), columns: list("columns") };
    const out = gather(x, picks);
    const upstream = constant(graph, "dy", out.shape);
    const sum = graph.persistent("sum", [37, 20], "gradient");
    const twice = gather(x, picks); // layers share a list
    const gradient = (of: Tensor) => differentiate(graph, { of, wrt: [x], upstream }).get(x)!;
    const found = [gradient(out), gradient(twice)];
    differentiate(graph, { of: out, wrt: [x], upstream, into: new Map([[x, sum]]) });
    const expected = new Float32Array(740);
    const [rows, columns] = [picks.rows ? lists.rows : allOf(37), picks.columns ? lists.columns : allOf(20)];
    rows.forEach((row, i) =>
      columns.forEach((column, j) => expected[row * 20 + column]! += valuesOf(upstream)[i * columns.length + j]!)
    );
    const [first, second, total] = await compute(device, graph, [...found, sum]);
    assertClose(first!, expected, `gradient by ${kind}`, 1e-6);
    assertEquals(second, first);
    assertClose(total!, normals("sum", 740).map((v, i) => v + expected[i]!), `accumulator by ${kind}`, 1e-6);
    assertEquals(await compute(device, graph, [...found, sum]), [first!, second!, total!]);
  }
});

Deno.test("scatterAdd() adds to the picked places and to no other, and gather() finds them again", async () => {
  const graph = new Graph();
  const picks = picksOf(graph, "both");
  const x = constant(graph, "x", [5, 3]);
  const into = graph.persistent("into", [37, 20], "parameter");
  const back = gather(scatterAdd(into, x, picks), picks);
  const [large, small] = await compute(device, graph, [into, back]);
  const expected = normals("into", 740);
  ROWS.forEach((row, i) => COLUMNS.forEach((column, j) => expected[row * 20 + column]! += valuesOf(x)[i * 3 + j]!));
  assertEquals(large, expected);
  assertEquals(small, Float32Array.from(small!, (_, i) => expected[ROWS[Math.floor(i / 3)]! * 20 + COLUMNS[i % 3]!]!));
});

Deno.test("gather() moves whole numbers bit by bit, and takes a vector as one row", async () => {
  const graph = new Graph();
  const data = Uint32Array.of(0, 1, 0xffffffff, 0x7f800001, 0x80000001, 50303);
  const tokens = graph.constant("tokens", [6], data);
  const columns = graph.constant("columns", [5], Uint32Array.of(5, 4, 3, 2, 1));
  const out = gather(tokens, { columns });
  const [value] = await compute(device, graph, [out]);
  assertEquals(out.dtype, "u32");
  assertEquals([...new Uint32Array(value!.buffer)], [5, 4, 3, 2, 1].map((i) => data[i]!));
});

Deno.test("gather() and scatterAdd() have the same bytes in every run", async () => {
  const graph = new Graph();
  const x = constant(graph, "x", [37, 20]);
  const picks = picksOf(graph, "both");
  const tensors: Tensor[] = [
    gather(x, picks),
    scatterAdd(graph.persistent("sum", [37, 20], "state"), gather(x, picks), picks),
  ];
  assertEquals(await compute(device, graph, tensors), await compute(device, graph, tensors));
});

Deno.test("gather() refuses indices that are no whole numbers, scatterAdd() matrices of another size", () => {
  const graph = new Graph();
  const x = graph.input("x", [37, 20]);
  assertThrows(() => gather(x, { rows: graph.input("rows", [3]) }), TypeError, "indices must be u32, found rows [3]");
  assertThrows(
    () => scatterAdd(x, graph.input("small", [5, 4]), picksOf(graph, "both")),
    RangeError,
    "the indices name 15 values, found 20",
  );
});

Deno.test("gather() and scatterAdd() refuse constant indices past the end of the matrix", () => {
  const graph = new Graph();
  const [x, into, part] = [graph.input("x", [2, 3]), graph.input("into", [2, 3]), graph.input("part", [1, 1])];
  const list = (index: number) => graph.constant(`list of ${index}`, [2], Uint32Array.of(0, index));
  const page = graph.constant("page", [66], new Uint32Array(66).fill(9, 0, 65));
  const refused = (picks: Picks, message: string) => {
    const whole = `indices must be below ${message}`;
    assertThrows(() => gather(x, picks), RangeError, `Cannot gather from x [2, 3]: ${whole}`);
    assertThrows(() => scatterAdd(into, part, picks), RangeError, `Cannot scatter into into [2, 3]: ${whole}`);
  };
  refused({ rows: list(2) }, "2, found 2 in list of 2 [2]");
  refused({ columns: list(5) }, "3, found 5 in list of 5 [2]");
  refused({ rows: list(1), columns: list(3) }, "3, found 3 in list of 3 [2]");
  refused({ rows: graph.view(page, "part of it", 64, [2]) }, "2, found 9 in part of it [2]");
  assertEquals(graph.nodes, []);
  gather(x, { rows: list(1), columns: list(2) });
  gather(graph.constant("boundless", [2, 3], new Float32Array(6).fill(Infinity)), { rows: list(1) });
});
