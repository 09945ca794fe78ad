import { assertEquals } from "@std/assert";
import { CPUDevice } from "../../../lib/devices/cpu/device.ts";
import { type EngineOptions, loadEngine } from "../../../lib/devices/cpu/engine.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { add } from "../../../lib/ops/add/mod.ts";
import { matmul } from "../../../lib/ops/matmul/mod.ts";
import { assertClose, compute, constant } from "../../ops/harness.ts";

Deno.test("the build with relaxed SIMD and shared memory is chosen, others where an engine lacks these", async () => {
  const chosen = async (options?: EngineOptions) => {
    const { relaxed, shared, memory } = await loadEngine(options);
    return [relaxed, shared, memory.buffer instanceof SharedArrayBuffer];
  };
  assertEquals(await chosen(), [true, true, true]);
  assertEquals(await chosen({ relaxed: false }), [false, true, true]);
  assertEquals(await chosen({ shared: false }), [false, false, false]);
  const { SharedArrayBuffer: original } = globalThis;
  try {
    globalThis.SharedArrayBuffer = undefined as unknown as typeof original;
    const { shared, memory } = await loadEngine();
    assertEquals([shared, memory.buffer instanceof ArrayBuffer], [false, true]);
  } finally {
    globalThis.SharedArrayBuffer = original;
  }
});

Deno.test("a device says which build it runs, and one without shared memory computes on the host alone", async () => {
  const describe = async (options: EngineOptions) => {
    using device = await CPUDevice.open({ threads: 2, ...options });
    return [device.name, device.threads];
  };
  assertEquals(await describe({}), ["WebAssembly relaxed SIMD", 2]);
  assertEquals(await describe({ relaxed: false }), ["WebAssembly SIMD", 2]);
  assertEquals(await describe({ shared: false }), ["WebAssembly SIMD", 1]);
});

/** Large enough that a memory of one page must grow, and move if it is not shared. */
async function product(options: EngineOptions): Promise<Float32Array[]> {
  using device = await CPUDevice.open({ threads: 2, ...options });
  const graph = new Graph();
  const [a, b] = [constant(graph, "a", [100, 300]), constant(graph, "b", [300, 200])];
  const c = matmul(a, b);
  return await compute(device, graph, [c, add(c, c, 0.5)]);
}

Deno.test("all builds compute the same but for the rounding of fused multiply-adds", async () => {
  const [relaxed, plain, alone] = [
    await product({}),
    await product({ relaxed: false }),
    await product({ shared: false }),
  ];
  for (const i of [0, 1]) assertClose(relaxed[i]!, plain[i]!, `output ${i}`, 1e-6);
  assertEquals(alone, plain);
});

Deno.test("kernels for eight lanes give the same bits", async () => {
  assertEquals(await product({ wide: true }), await product({}));
});
