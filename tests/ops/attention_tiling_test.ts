import { assert } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Pipelines } from "../../lib/devices/webgpu/pipelines.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { type AttentionSizes, kernels, tiledLaunch } from "../../lib/ops/attention/kernels.ts";
import { attention } from "../../lib/ops/attention/mod.ts";
import type { Tiling } from "../../lib/ops/attention/tiled/kernels.ts";
import { defineOp, type Dispatch, type Tensor, whole } from "../../lib/ops/define.ts";
import { assertClose, normals, run } from "./harness.ts";

type Outputs = [out: Tensor, lse: Tensor, dqkv: Tensor, delta: Tensor];

/** Attention and its gradient in one, with a tiling of the test's choice. */
const tiledOp = defineOp<AttentionSizes & { tiling: Tiling }, [qkv: Tensor, dout: Tensor], Outputs>({
  name: "tiledAttention",
  infer: ([qkv, dout], { batch, heads, sequence }) => [
    { shape: dout.shape },
    { shape: [batch, heads, sequence] },
    { shape: qkv.shape },
    { shape: [batch, heads, sequence] },
  ],
  cost: () => ({ flops: 0, bytes: 0 }),
  webgpu: ({ inputs: [qkv, dout], outputs: [out, lse, dqkv, delta], attributes }): Dispatch[] => [
    { ...tiledLaunch(kernels.forward.tiled, attributes, attributes), bindings: [qkv, out, lse].map(whole) },
    {
      ...tiledLaunch(kernels.backwardQueries.tiled, attributes, attributes),
      bindings: [qkv, out, lse, dout, dqkv, delta].map(whole),
    },
    {
      ...tiledLaunch(kernels.backwardKeys.tiled, attributes, attributes),
      bindings: [qkv, lse, delta, dout, dqkv].map(whole),
    },
  ],
});

/**
 * Small tilings of the same texts, since a software adapter takes half a minute to compile those that hardware uses: the
 * time grows with the square of the text's length.
 */
const TILINGS: readonly { size: number; tiling: Tiling; why: string }[] = [
  { size: 8, tiling: { rows: 2, parts: 2, owners: 8, meet: 2, tile: 4 }, why: "several rows and parts" },
  { size: 32, tiling: { rows: 1, parts: 4, owners: 8, meet: 2, tile: 2 }, why: "a single block a tile" },
  { size: 6, tiling: { rows: 1, parts: 2, owners: 8, meet: 1, tile: 8 }, why: "loops over parts of single values" },
  { size: 16, tiling: { rows: 1, parts: 1, owners: 32, meet: 1, tile: 8 }, why: "a row met at a time" },
  { size: 4, tiling: { rows: 1, parts: 2, owners: 8, meet: 1, tile: 8 }, why: "parts that do not divide a row" },
];

for (const { size, tiling, why } of TILINGS) {
  Deno.test(`attention's kernels for hardware equal the CPU's with ${why}`, async () => {
    using device = await openDevice("webgpu");
    using cpu = await openDevice("cpu", { threads: 1 });
    const layout = { batch: 2, sequence: 37, heads: 2 };
    const values = 2 * 37 * 2 * size;
    const inputs = { qkv: normals("qkv", 3 * values), dout: normals("dout", values) };
    const record = () => {
      const graph = new Graph();
      return { graph, qkv: graph.input("qkv", [74, 6 * size]), dout: graph.input("dout", [74, 2 * size]) };
    };
    const expected = record();
    const out = attention(expected.qkv, layout);
    const gradient = differentiate(expected.graph, { of: out, wrt: [expected.qkv], upstream: expected.dout });
    const right = await run(cpu, expected.graph, [out, gradient.get(expected.qkv)!], { inputs });
    const { graph, qkv, dout } = record();
    const sizes = { ...layout, size, scale: 1 / Math.sqrt(size), tiling };
    const [tiledOut, , dqkv] = graph.apply(tiledOp, [qkv, dout], sizes);
    const found = await run(device, graph, [tiledOut, dqkv], { inputs });
    assertClose(found[0]!, right[0]!, "value");
    assertClose(found[1]!, right[1]!, "gradient");
  });
}

Deno.test("attention's kernels for hardware compile within every adapter's limits, whatever the head's size", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const gpu = await adapter!.requestDevice(); // With the limits that the specification guarantees.
  assert(gpu.limits.maxComputeWorkgroupStorageSize === 16384);
  const pipelines = new Pipelines(gpu, { pipelines: 0 } as ConstructorParameters<typeof Pipelines>[1]);
  for (const size of [1, 4, 16, 20, 32, 63, 64, 80, 96, 128, 256, 1000]) {
    const sizes = { batch: 1, sequence: 64, heads: 1, size, scale: 1 };
    await pipelines.compile(Object.values(kernels).map(({ tiled }) => tiledLaunch(tiled, sizes)));
  }
  gpu.destroy();
});
