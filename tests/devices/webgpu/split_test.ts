import { assert, assertEquals, assertGreater, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import { embeddingBuckets } from "../../../lib/data/buckets.ts";
import { WebGPUDevice } from "../../../lib/devices/webgpu/device.ts";
import { lower } from "../../../lib/devices/webgpu/lower.ts";
import { differentiate } from "../../../lib/graph/differentiate.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import type { Tensor } from "../../../lib/graph/tensor.ts";
import { adamw } from "../../../lib/ops/adamw/mod.ts";
import { add, axpy } from "../../../lib/ops/add/mod.ts";
import { columnSum } from "../../../lib/ops/column_sum/mod.ts";
import { linearCrossEntropy } from "../../../lib/ops/cross_entropy/mod.ts";
import { embedding } from "../../../lib/ops/embedding/mod.ts";
import { gather, scatterAdd } from "../../../lib/ops/gather/mod.ts";
import { gelu, geluGradient } from "../../../lib/ops/gelu/mod.ts";
import { layerNorm } from "../../../lib/ops/layer_norm/mod.ts";
import { sum, sumOfSquares } from "../../../lib/ops/sum/mod.ts";
import { zeros } from "../../../lib/ops/zeros/mod.ts";
import { assertClose, compute, constant, integers, normals } from "../../ops/harness.ts";

const ROWS = 300;
const WIDTH = 128;
const VOCABULARY = 127;
/** 64 rows: the least that ops over rows of this width can be split into. */
const LIMIT = 64 * WIDTH * 4;

const unlimited = await WebGPUDevice.open();
const limited = await WebGPUDevice.open({ maxBindingBytes: LIMIT });

const matrix = (graph: Graph, name: string, rows = ROWS) => constant(graph, name, [rows, WIDTH]);

function indices(graph: Graph, name: string, data: Uint32Array<ArrayBuffer>): Tensor {
  return graph.constant(name, [data.length], data);
}

/** Graphs of one op each, over tensors several times as large as a binding, and the tensors to compare. */
const OPS: Record<string, (graph: Graph) => Tensor[]> = {
  add: (graph) => [add(matrix(graph, "y"), matrix(graph, "x"), 2)],
  axpy: (graph) => [axpy(graph.persistent("y", [ROWS, WIDTH], "gradient"), matrix(graph, "x"), 2)],
  zeros: (graph) => [zeros(graph, [ROWS, WIDTH])],
  gelu: (graph) => [gelu(matrix(graph, "x")), geluGradient(matrix(graph, "x"), matrix(graph, "dy"), "gelu_tanh")],
  sum: (graph) => [sum(matrix(graph, "x"), { scale: 0.5 }), sumOfSquares(matrix(graph, "x"))],
  columnSum: (graph) => {
    const [mean, rstd] = [constant(graph, "mean", [ROWS]), constant(graph, "rstd", [ROWS])];
    const into = graph.persistent("into", [WIDTH], "gradient");
    const normalised = { x: matrix(graph, "x"), mean, rstd };
    return [columnSum(matrix(graph, "dy")), columnSum(matrix(graph, "dy"), { normalised, into })];
  },
  layerNorm: (graph) => {
    const x = matrix(graph, "x");
    const y = layerNorm(x, constant(graph, "gain", [WIDTH]), constant(graph, "bias", [WIDTH]));
    return [y, differentiate(graph, { of: y, wrt: [x], upstream: matrix(graph, "dy") }).get(x)!];
  },
  embedding: (graph) => {
    const tokens = integers("tokens", ROWS, VOCABULARY);
    const { order, starts, ids } = embeddingBuckets(tokens);
    const buckets = {
      order: indices(graph, "order", order),
      starts: indices(graph, "starts", starts),
      ids: indices(graph, "ids", ids),
    };
    const table = matrix(graph, "table", VOCABULARY);
    const out = embedding(indices(graph, "tokens", tokens), table, buckets);
    const dtable = graph.persistent("dtable", table.shape, "gradient");
    differentiate(graph, { of: out, wrt: [table], upstream: matrix(graph, "dy"), into: new Map([[table, dtable]]) });
    return [out, dtable];
  },
  gather: (graph) => {
    const rows = indices(graph, "rows", Uint32Array.from({ length: 200 }, (_, i) => (i * 7 + 5) % ROWS));
    const columns = indices(graph, "columns", Uint32Array.from({ length: 50 }, (_, i) => (i * 3 + 1) % WIDTH));
    return [{ rows }, { columns }, { rows, columns }].map((picks) => gather(matrix(graph, "x"), picks));
  },
  scatterAdd: (graph) => {
    const rows = indices(graph, "rows", Uint32Array.from({ length: 200 }, (_, i) => (i * 7 + 5) % ROWS));
    return [scatterAdd(graph.persistent("into", [ROWS, WIDTH], "gradient"), matrix(graph, "x", 200), { rows })];
  },
  adamw: (graph) => {
    const page = (name: string, role: "gradient" | "parameter" | "state") =>
      graph.persistent(name, [ROWS * WIDTH], role);
    const parameter = page("parameter", "parameter");
    adamw({
      scalars: graph.constant("scalars", [3], Float32Array.of(0.01, 1, 1)),
      factor: graph.constant("factor", [1], Float32Array.of(0.5)),
      decays: constant(graph, "decays", [ROWS * WIDTH / 64]),
      gradient: page("gradient", "gradient"),
      parameter,
      first: page("first", "state"),
      second: graph.constant("second", [ROWS * WIDTH], normals("second", ROWS * WIDTH).map((value) => value ** 2)),
    }, { beta1: 0.9, beta2: 0.1, epsilon: 1, weightDecay: 0.1 });
    return [parameter];
  },
  linearCrossEntropy: (graph) => {
    const [hidden, weight] = [matrix(graph, "hidden"), matrix(graph, "weight", VOCABULARY)];
    const targets = indices(graph, "targets", integers("targets", ROWS, VOCABULARY));
    const gradient = graph.persistent("dweight", weight.shape, "gradient");
    const loss = linearCrossEntropy(hidden, weight, targets, { scale: 1 / ROWS, gradient, chunk: 128 });
    const into = new Map([[weight, gradient]]);
    return [loss, differentiate(graph, { of: loss, wrt: [hidden, weight], into }).get(hidden)!, gradient];
  },
};

for (const [name, build] of Object.entries(OPS)) {
  Deno.test(`${name}() gives the same results where its tensors exceed a binding`, async () => {
    const graph = new Graph();
    const tensors = build(graph);
    const whole = await compute(unlimited, graph, tensors);
    const parts = await compute(limited, graph, tensors);
    tensors.forEach((tensor, i) => assertClose(parts[i]!, whole[i]!, tensor.name, 2e-6));
    const [once, split] = [unlimited, limited].map((device) => device.estimate(plan(graph)));
    assertGreater(split!.launches, once!.launches);
    assertGreater(once!.largestBindingBytes, LIMIT);
    assertLessOrEqual(split!.largestBindingBytes, LIMIT);
  });
}

Deno.test("rows that do not fit a binding even by the least number are refused with what they need", async () => {
  const graph = new Graph();
  const x = graph.input("x", [ROWS, WIDTH + 1]);
  graph.output(layerNorm(x, constant(graph, "gain", [WIDTH + 1]), constant(graph, "bias", [WIDTH + 1])));
  const message = `64 rows of 129 values must fit one binding of ${LIMIT} bytes, found 33024; ` +
    "use a smaller width, vocabulary or sequence";
  assertThrows(() => limited.estimate(plan(graph)), RangeError, message);
  const before = limited.counters.bytes;
  await assertRejects(() => limited.compile(plan(graph)), RangeError, message);
  assertEquals(limited.counters.bytes, before);
});

Deno.test("a tensor that an op binds as a whole is refused by name where it exceeds a binding", () => {
  const graph = new Graph();
  const positions = LIMIT / 4 + 1;
  const input = (name: string, length = positions) => graph.input(name, [length], "u32");
  const table = constant(graph, "table", [5, 1]);
  const buckets = { order: input("order"), starts: input("starts", positions + 1), ids: input("ids") };
  const out = embedding(input("tokens"), table, buckets);
  const into = new Map([[table, graph.persistent("dtable", [5, 1], "gradient")]]);
  differentiate(graph, { of: out, wrt: [table], upstream: constant(graph, "dy", [positions, 1]), into });
  assertThrows(
    () => limited.estimate(plan(graph)),
    RangeError,
    "Cannot bind order [8193] in 'embedding_gradient.scalar': a binding holds at most 32768 bytes, found 32772",
  );
});

Deno.test("the limit that a user sets never exceeds the adapter's", async () => {
  using device = await WebGPUDevice.open({ maxBindingBytes: 2 ** 40 });
  assertEquals(device.target.maxBindingBytes, device.gpu.limits.maxStorageBufferBindingSize);
  assert(lower(plan(new Graph()), device.target).launches.length === 0);
});
