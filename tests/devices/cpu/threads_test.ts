import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { CPUDevice } from "../../../lib/devices/cpu/device.ts";
import { type Engine, loadEngine } from "../../../lib/devices/cpu/engine.ts";
import { Threads } from "../../../lib/devices/cpu/threads.ts";
import { DeviceError } from "../../../lib/devices/errors.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { matmul } from "../../../lib/ops/matmul/mod.ts";
import { constant } from "../../ops/harness.ts";
import { smallProduct } from "./small_product.ts";
import { watchWorkers } from "./workers.ts";

Deno.test("any number of threads gives the same bits, and none means the host alone", async () => {
  const results = new Set<string>();
  for (const threads of [0, 1, 2, 5]) {
    using watched = watchWorkers();
    using device = await CPUDevice.open({ threads });
    assertEquals([device.threads, watched.started.size], [Math.max(1, threads), threads]);
    results.add(await smallProduct(device));
  }
  assertEquals(results.size, 1);
});

Deno.test("there is a thread for each core unless a number is given, which must be a whole one from 0 to 1024", async () => {
  using device = await CPUDevice.open();
  assertEquals(device.threads, navigator.hardwareConcurrency);
  for (const threads of [-1, 1.5, NaN, Infinity, 1025, 1e9]) {
    await assertRejects(
      () => CPUDevice.open({ threads }),
      RangeError,
      `Cannot open device: 'threads' must be a whole number from 0 to 1024, found ${threads}`,
    );
  }
});

Deno.test("the host goes on while threads work", async () => {
  using device = await CPUDevice.open({ threads: 2 });
  const graph = new Graph();
  graph.output(matmul(constant(graph, "a", [512, 512]), constant(graph, "b", [512, 512])));
  using program = await device.compile(plan(graph));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  device.submit((recorder) => {
    for (let run = 0; run < 20; run++) recorder.run(program);
  });
  await device.finish();
  clearInterval(timer);
  assertGreater(ticks, 0);
});

Deno.test("threads end when their device is disposed of, whatever they do at that moment", async () => {
  for (let round = 0; round < 10; round++) {
    using watched = watchWorkers();
    const device = await CPUDevice.open({ threads: 3 });
    if (round % 2) await smallProduct(device);
    device[Symbol.dispose]();
    assertEquals(watched.started.size, 3);
    await watched.ended();
  }
});

Deno.test("threads end when there is no memory for the rest of their device", async () => {
  using watched = watchWorkers();
  await assertRejects(
    () => CPUDevice.open({ threads: 2, profile: true, memoryBytes: 1000 }),
    DeviceError,
    "Cannot allocate timestamps: lower --micro-batch",
  );
  assertEquals(watched.started.size, 2);
  await watched.ended();
});

Deno.test("a thread that does not start is an error in one line, and the others end", async () => {
  const engine = await loadEngine();
  // A module that needs what threads do not give to it.
  const broken = await WebAssembly.compile(
    Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0),
  );
  const modules = [engine.module, engine.module, broken];
  const given: Engine = {
    ...engine,
    get module() {
      return modules.shift()!;
    },
  }; // deno-fmt-ignore
  const counters = { buffers: 0, bindGroups: 0, pipelines: 0, submits: 0, waits: 0, bytes: 0 };
  using watched = watchWorkers();
  const error = await assertRejects(() => Threads.start(given, 2, counters), DeviceError);
  assert(/^Cannot open device 'cpu': all threads must start, found '[^\n]+'; lower --threads$/.test(error.message));
  await watched.ended();
});

Deno.test("thousands of submissions of next to nothing run in order on more threads than cores", async () => {
  using device = await CPUDevice.open({ threads: 4 });
  const graph = new Graph();
  const x = graph.input("x", [1]);
  graph.output(matmul(graph.view(x, "row", 0, [1, 1]), graph.view(x, "column", 0, [1, 1])));
  using program = await device.compile(plan(graph));
  for (let i = 0; i < 300; i++) {
    for (let j = 0; j < 10; j++) program.run({ x: Float32Array.of(10 * i + j) });
    if (i % 3 === 0) assertEquals(await program.read(x), Float32Array.of(10 * i + 9));
  }
});
