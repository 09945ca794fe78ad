import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CPUDevice } from "../../../lib/devices/cpu/device.ts";
import { DeviceError } from "../../../lib/devices/errors.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { whole } from "../../../lib/ops/dispatch.ts";
import { defineOp } from "../../../lib/ops/kernels.ts";
import { smallProduct } from "./small_product.ts";
import { watchWorkers } from "./workers.ts";

/** Copies far more values than there are, so that the kernel leaves the memory and stops. */
const trap = defineOp<Record<never, never>>({
  name: "trap",
  infer: () => [{ shape: [4] }],
  cost: () => ({ flops: 0, bytes: 0 }),
  cpu: ({ outputs: [out] }) => [{
    kernel: "copy",
    operands: [whole(out!), whole(out!)],
    words: [2 ** 30],
    units: 2 ** 16,
  }],
});

async function trapping(threads: number) {
  const device = await CPUDevice.open({ threads });
  const graph = new Graph();
  const out = graph.output(graph.apply(trap, [], {})[0]!);
  const program = await device.compile(plan(graph));
  const store = await device.createStore([{ name: "a", size: 4 }]);
  return { device, program, out, store };
}

const MESSAGE = "Device failed: a kernel stopped: memory access out of bounds; " +
  "continue from the last checkpoint with --resume auto";

for (const threads of [1, 2, 5]) {
  Deno.test(`a kernel that stops on one of ${threads} threads is an error at every call that waits`, async () => {
    using watched = watchWorkers();
    const { device, program, out, store } = await trapping(threads);
    program.run();
    assertEquals((await assertRejects(() => device.finish(), DeviceError)).message, MESSAGE);
    await assertRejects(() => device.finish(), DeviceError, MESSAGE);
    await assertRejects(() => program.read(out), DeviceError, MESSAGE);
    await assertRejects(() => store.read("a"), DeviceError, MESSAGE);
    await assertRejects(() => device.createStore([{ name: "b", size: 1 }]), DeviceError, MESSAGE);
    assertThrows(() => program.run(), DeviceError, MESSAGE);
    assertThrows(() => device.createRing(1, 1), DeviceError, MESSAGE);
    await watched.ended(); // without being told to
    device[Symbol.dispose]();
  });
}

Deno.test("a kernel that stops does not keep a host waiting that blocks", async () => {
  const { device, program, store } = await trapping(2);
  assertThrows(
    () => {
      for (let i = 0; i < 100; i++) program.run(); // more than may be in flight
    },
    DeviceError,
    MESSAGE,
  );
  store.write("a", new Float32Array(4));
  store[Symbol.dispose]();
  program[Symbol.dispose]();
  device[Symbol.dispose]();
});

Deno.test("a device may be disposed of while a kernel stops", async () => {
  using watched = watchWorkers();
  for (let round = 0; round < 10; round++) {
    const { device, program } = await trapping(2);
    program.run();
    device[Symbol.dispose]();
  }
  await watched.ended();
});

Deno.test("where a kernel stops on the host's own thread, the submission itself says so", async () => {
  const { device, program } = await trapping(0);
  assertThrows(() => program.run(), DeviceError, MESSAGE);
  await assertRejects(() => device.finish(), DeviceError, MESSAGE);
  device[Symbol.dispose]();
});

Deno.test("a device goes on when another one fails", async () => {
  using device = await CPUDevice.open({ threads: 2 });
  const before = await smallProduct(device);
  const { device: failing, program } = await trapping(2);
  program.run();
  await assertRejects(() => failing.finish(), DeviceError, MESSAGE);
  failing[Symbol.dispose]();
  assertEquals(await smallProduct(device), before);
});

Deno.test("an instruction that would leave its tensor is refused before it runs, and leaves no memory behind", async () => {
  const outside = defineOp<Record<never, never>>({
    name: "outside",
    infer: () => [{ shape: [4] }],
    cost: () => ({ flops: 0, bytes: 0 }),
    cpu: (
      { outputs: [out] },
    ) => [{ kernel: "fill", operands: [{ tensor: out!, offset: 1, size: 4 }], words: [4], units: 1 }],
  });
  using device = await CPUDevice.open({ threads: 1 });
  const graph = new Graph();
  graph.output(graph.apply(outside, [], {})[0]!);
  const error = await assertRejects(() => device.compile(plan(graph)), DeviceError);
  assert(error.message.startsWith("Cannot compile 'fill': operand 0 must lie within"), error.message);
  assertEquals(device.counters.bytes, 0);
});

Deno.test("an op without kernels for the processor is named", async () => {
  const elsewhere = defineOp<Record<never, never>>({
    name: "elsewhere",
    infer: () => [{ shape: [4] }],
    cost: () => ({ flops: 0, bytes: 0 }),
    webgpu: () => [],
  });
  using device = await CPUDevice.open({ threads: 1 });
  const graph = new Graph();
  graph.output(graph.apply(elsewhere, [], {})[0]!);
  const message = "Cannot compile 'elsewhere': an op must have kernels for 'cpu', found none";
  await assertRejects(() => device.compile(plan(graph)), TypeError, message);
  assertThrows(() => device.estimate(plan(graph)), TypeError, message);
});
