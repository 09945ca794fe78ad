import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { rowRanges } from "../../lib/ops/dispatch.ts";
import { type ConstantData, Graph } from "../../lib/graph/graph.ts";
import { add } from "../../lib/ops/add/mod.ts";

Deno.test("tensors have the shapes, sizes and roles that they were declared with", () => {
  const graph = new Graph();
  const input = graph.input("tokens", [2, 3], "u32");
  assertEquals([input.size, input.dtype, input.role, graph.roleOf(input)], [6, "u32", "input", "input"]);
  const weight = graph.persistent("weight", [4], "parameter");
  assertEquals([weight.size, weight.dtype, weight.role], [4, "f32", "parameter"]);
  const scalar = graph.constant("scalar", [], Float32Array.of(1));
  assertEquals([scalar.size, scalar.role], [1, "constant"]);
  const sum = add(weight, weight);
  assertEquals([sum.shape, sum.role], [[4], "temporary"]);
  assertStrictEquals(graph.output(sum), sum);
  assertEquals([graph.roleOf(sum), graph.roleOf(graph.output(weight))], ["output", "parameter"]);
});

Deno.test("a view of a view shares the memory of the first tensor", () => {
  const graph = new Graph();
  const page = graph.persistent("page", [256], "parameter");
  const inner = graph.view(graph.view(page, "outer", 64, [192]), "inner", 128, [8, 8]);
  assertStrictEquals(inner.base, page);
  assertEquals([inner.offset, inner.shape, inner.role], [192, [8, 8], "parameter"]);
});

Deno.test("shapes, sizes and places that cannot be are refused with the values found", () => {
  const graph = new Graph();
  const page = graph.persistent("page", [128], "parameter");
  assertThrows(() => graph.input("x", [2, 0]), RangeError, "every dimension must be a positive integer, found [2, 0]");
  assertThrows(() => graph.input("x", [1.5]), RangeError, "found [1.5]");
  assertThrows(() => graph.constant("c", [2], Float32Array.of(1)), RangeError, "needs 2 values, found 1");
  assertThrows(() => graph.view(page, "part", 32, [8]), RangeError, "found offset 32");
  assertThrows(() => graph.view(page, "part", 64, [65]), RangeError, "the part must end inside");
  assertThrows(() => graph.view(page, "part", -64, [8]), RangeError, "found offset -64");
  const other = new Graph().input("stranger", [128]);
  assertThrows(() => add(page, other), TypeError, "Cannot apply add: stranger [128] is of another graph");
});

Deno.test("constants of anything but floats and whole numbers of 32 bits are refused", () => {
  const graph = new Graph();
  const refused = (data: unknown, found: string) =>
    assertThrows(
      () => graph.constant("c", [2], data as ConstantData),
      TypeError,
      `Cannot add constant 'c': values must be a Float32Array or a Uint32Array, found ${found}`,
    );
  refused([1, 2], "Array");
  refused(Float64Array.of(1, 2), "Float64Array");
  refused(Int32Array.of(1, 2), "Int32Array");
  refused(new DataView(new ArrayBuffer(8)), "DataView");
  refused(3, "Number");
  refused(undefined, "undefined");
  refused(null, "null");
  assertEquals([graph.tensors.length, graph.constants.size], [0, 0]);
  assertEquals(graph.constant("c", [2], Uint32Array.of(1, 2)).dtype, "u32");
});

Deno.test("what is found by its name can be declared once, as an input and as a persistent tensor", () => {
  const graph = new Graph();
  graph.input("x", [2]);
  graph.persistent("x", [2], "parameter");
  const wayOut = "a name is declared once in a graph, found it a second time; use the first tensor, or another name";
  assertThrows(() => graph.input("x", [3], "u32"), RangeError, `Cannot declare input 'x': ${wayOut}`);
  for (const role of ["parameter", "gradient", "state"] as const) {
    const again = () => graph.persistent("x", [2], role);
    assertThrows(again, RangeError, `Cannot declare persistent tensor 'x': ${wayOut}`);
  }
  assertEquals(graph.tensors.length, 2);
  assertThrows(() => graph.input("y", [0]), RangeError, "positive integer");
  assertEquals(graph.input("y", [1]).name, "y");
  const page = graph.persistent("page", [128], "state");
  assertEquals([graph.view(page, "page", 64, [64]), graph.view(page, "page", 0, [64])].map(({ name }) => name), [
    ...["page", "page"],
  ]);
});

Deno.test("rows are split into aligned ranges that fit a binding, or refused with what one needs", () => {
  const x = new Graph().input("x", [1000, 8]);
  const target = (maxBindingBytes: number) => ({
    maxBindingBytes,
    subgroupSize: 8,
    unrolled: false,
    tiled: () => false,
  });
  assertEquals(rowRanges(1000, [8], target(32000), x), [{ start: 0, count: 1000 }]);
  assertEquals(rowRanges(1000, [8, 1], target(400 * 32), x), [
    { start: 0, count: 384 },
    { start: 384, count: 384 },
    { start: 768, count: 232 },
  ]);
  assertThrows(
    () => rowRanges(1000, [8], target(63 * 32), x),
    RangeError,
    "Cannot bind x [1000, 8]: 64 rows of 8 values must fit one binding of 2016 bytes, found 2048",
  );
});
