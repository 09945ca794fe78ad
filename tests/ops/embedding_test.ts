import { assertEquals, assertThrows } from "@std/assert";
import { embeddingBuckets } from "../../lib/data/buckets.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { embedding } from "../../lib/ops/embedding/mod.ts";
import { assertClose, compute, constant, integers, normals, tf, toTf, valuesOf } from "./harness.ts";

const device = await openDevice("webgpu");

interface Case {
  readonly positions: number;
  readonly vocabulary: number;
  readonly width: number;
}

/** Few tokens for many positions, so that some repeat; many for few, so that most are absent. */
const CASES: readonly Case[] = [
  { positions: 1, vocabulary: 1, width: 1 },
  { positions: 37, vocabulary: 11, width: 20 },
  { positions: 129, vocabulary: 300, width: 7 },
];

/** The embedding of seeded tokens, and its gradient added to an accumulator. */
function record(graph: Graph, { positions, vocabulary, width }: Case) {
  const name = `${positions} of ${vocabulary} x ${width}`;
  const indices = (what: string, data: Uint32Array<ArrayBuffer>) =>
    graph.constant(`${what} ${name}`, [data.length], data);
  const tokens = integers(name, positions, vocabulary);
  const { order, starts, ids } = embeddingBuckets(tokens);
  const buckets = { order: indices("order", order), starts: indices("starts", starts), ids: indices("ids", ids) };
  const table = constant(graph, `table ${name}`, [vocabulary, width]);
  const upstream = constant(graph, `dy ${name}`, [positions, width]);
  const out = embedding(indices("tokens", tokens), table, buckets);
  const sum = graph.persistent(`dtable ${name}`, [vocabulary, width], "gradient");
  const into = new Map<Tensor, Tensor>([[table, sum]]);
  differentiate(graph, { of: out, wrt: [table], upstream, into });
  return { name, tokens, table, upstream, out, sum };
}

Deno.test("embedding() equals TensorFlow.js, with repeated and absent tokens", async () => {
  const graph = new Graph();
  const cases = CASES.map((shape) => record(graph, shape));
  const values = await compute(device, graph, cases.flatMap(({ out, sum }) => [out, sum]));
  cases.forEach(({ name, tokens, table, upstream, out, sum }, i) => {
    const indices = tf.tensor1d(Int32Array.from(tokens), "int32");
    const lookup = (table: tf.Tensor) => tf.gather(table, indices);
    assertEquals(out.shape, upstream.shape);
    assertEquals(values[2 * i], lookup(toTf(table)).dataSync() as Float32Array);
    const gradient = tf.grad(lookup)(toTf(table), toTf(upstream)).dataSync();
    const before = normals(sum.name, sum.size);
    assertClose(values[2 * i + 1]!, before.map((value, j) => value + gradient[j]!), name, 1e-6);
  });
});

Deno.test("the embedding's gradient is the sum over each token's positions, in double precision", async () => {
  const graph = new Graph();
  const shape = { positions: 37, vocabulary: 11, width: 20 };
  const { tokens, table, upstream, sum } = record(graph, shape);
  const [found] = await compute(device, graph, [sum], { persistent: { [sum.name]: new Float32Array(sum.size) } });
  const exact = new Float64Array(table.size);
  valuesOf(upstream).forEach((value, i) => {
    exact[tokens[Math.floor(i / shape.width)]! * shape.width + i % shape.width]! += value;
  });
  assertClose(found!, exact, "dtable", 1e-6);
});

Deno.test("the embedding's gradient has the same bytes in every run", async () => {
  const graph = new Graph();
  const { sum } = record(graph, CASES[1]!);
  assertEquals(await compute(device, graph, [sum]), await compute(device, graph, [sum]));
});

Deno.test("embedding() refuses tokens that are no whole numbers, and gradients without buckets", () => {
  const graph = new Graph();
  const table = constant(graph, "table", [5, 8]);
  assertThrows(() => embedding(graph.input("tokens", [3]), table), RangeError, "tokens must be u32");
  const out = embedding(graph.input("ids", [3], "u32"), table);
  const upstream = constant(graph, "dy", [3, 8]);
  const into = new Map([[table, graph.persistent("dtable", [5, 8], "gradient")]]);
  assertThrows(
    () => differentiate(graph, { of: out, wrt: [table], upstream, into }),
    RangeError,
    "it needs token buckets and an accumulator",
  );
});

Deno.test("embedding() refuses buckets of other tokens, or that are no whole numbers", () => {
  const graph = new Graph();
  const tokens = graph.input("tokens", [3], "u32");
  const table = constant(graph, "table", [5, 8]);
  const sizes = { order: 3, starts: 4, ids: 3 };
  const bucketsOf = (lengths: typeof sizes, dtype: "f32" | "u32", name: string) => {
    const tensor = (what: keyof typeof sizes) => graph.input(`${name} ${what}`, [lengths[what]], dtype);
    return { order: tensor("order"), starts: tensor("starts"), ids: tensor("ids") };
  };
  for (const name of ["order", "starts", "ids"] as const) {
    const other = { ...sizes, [name]: sizes[name] + 2 };
    assertThrows(
      () => embedding(tokens, table, bucketsOf(other, "u32", `longer ${name}`)),
      RangeError,
      `'buckets.${name}' must be u32 of ${sizes[name]} elements`,
    );
  }
  assertThrows(() => embedding(tokens, table, bucketsOf(sizes, "f32", "floats")), RangeError, "must be u32");
});
