import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { CPUDevice } from "../../../lib/devices/cpu/device.ts";
import type { Program } from "../../../lib/devices/device.ts";
import type { KernelProfile } from "../../../lib/devices/profile.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { add, axpy } from "../../../lib/ops/add/mod.ts";
import { matmul } from "../../../lib/ops/matmul/mod.ts";
import { constant } from "../../ops/harness.ts";

const SIZE = 200;

/** A program of a product, a sum and an update. */
async function compiled(device: CPUDevice): Promise<Program> {
  const graph = new Graph();
  const [a, b] = [graph.input("a", [SIZE, SIZE]), constant(graph, "b", [SIZE, SIZE])];
  const product = matmul(a, b);
  axpy(graph.constant("c", [SIZE, SIZE], new Float32Array(SIZE * SIZE)), add(product, a));
  return await device.compile(plan(graph));
}

const a = new Float32Array(SIZE * SIZE);
const calls = (profile: readonly KernelProfile[]) =>
  Object.fromEntries(profile.map((row) => [row.kernel, row.calls]).sort());
const total = (profile: readonly KernelProfile[]) => profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

for (const threads of [0, 2]) {
  Deno.test(`a profile on ${threads} threads counts every instruction and credits it with its work`, async () => {
    using device = await CPUDevice.open({ threads, profile: true });
    using program = await compiled(device);
    using ring = device.createRing(SIZE * SIZE, 1);
    device.submit((recorder) => {
      recorder.run(program, { a });
      recorder.run(program);
      recorder.keep(ring, program, [program.graph.tensors.find(({ name }) => name === "a")!]);
    });
    program.run({ a });
    const profile = await device.profiler!.collect();
    assertEquals(calls(profile), { add: 3, axpy: 3, matmul: 3, matmulPack: 3 });
    assertEquals(
      profile.map((row) => row.kernel),
      profile.toSorted((a, b) => b.milliseconds - a.milliseconds).map((r) => r.kernel),
    );
    assert(profile.every(({ milliseconds }) => milliseconds > 0), JSON.stringify(profile));
    const worked = profile.reduce((sum, { gflops, milliseconds }) => sum + gflops * milliseconds * 1e6, 0);
    assertAlmostEquals(worked, 3 * (2 * SIZE ** 3 + 4 * SIZE ** 2), 1);
    assertEquals(await device.profiler!.collect(), []);
  });
}

Deno.test("a profile's times add up to no more than the host waited, and not to far less", async () => {
  using device = await CPUDevice.open({ threads: 2, profile: true });
  using program = await compiled(device);
  program.run({ a });
  await device.profiler!.collect();
  const start = performance.now();
  device.submit((recorder) => {
    for (let run = 0; run < 300; run++) recorder.run(program);
  });
  const profile = await device.profiler!.collect();
  const waited = performance.now() - start;
  assertLessOrEqual(total(profile), waited);
  assertGreater(total(profile), 0.3 * waited);
});

Deno.test("a run that takes more times than there is room for keeps the first of them, and the next one starts anew", async () => {
  using device = await CPUDevice.open({ threads: 2, profile: true });
  const graph = new Graph();
  const x = graph.constant("x", [4], Float32Array.of(1, 2, 3, 4));
  for (let i = 0; i < 99; i++) axpy(x, x, 0);
  using program = await device.compile(plan(graph));
  for (let run = 0; run < 700; run++) program.run();
  const profile = await device.profiler!.collect();
  assertEquals(calls(profile), { axpy: 99 * Math.floor(65_536 / 100) });
  program.run();
  assertEquals(calls(await device.profiler!.collect()), { axpy: 99 });
});

Deno.test("a profile takes its memory once, and other devices take no times", async () => {
  using device = await CPUDevice.open({ threads: 2, profile: true });
  {
    using program = await compiled(device);
    program.run();
    await device.profiler!.collect();
  }
  const before = device.counters.bytes;
  {
    using program = await compiled(device);
    for (let run = 0; run < 100; run++) program.run();
    assertEquals(calls(await device.profiler!.collect()).matmul, 100);
  }
  assertEquals(device.counters.bytes, before);
  using plain = await CPUDevice.open({ threads: 2 });
  assertEquals(plain.profiler, undefined);
});
