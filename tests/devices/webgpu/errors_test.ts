import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { WebGPUOptions } from "../../../lib/devices/webgpu/adapter.ts";
import { WebGPUDevice } from "../../../lib/devices/webgpu/device.ts";
import { DeviceError } from "../../../lib/devices/errors.ts";
import { ErrorWatch } from "../../../lib/devices/webgpu/errors.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import type { Op } from "../../../lib/graph/op.ts";
import { defineOp } from "../../../lib/ops/kernels.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { whole } from "../../../lib/ops/dispatch.ts";
import { add } from "../../../lib/ops/add/mod.ts";
import { offer, posing } from "../offer.ts";
import { smallStep } from "./small_step.ts";

async function doubling(options: WebGPUOptions = {}) {
  const device = await WebGPUDevice.open(options);
  const graph = new Graph();
  const x = graph.input("x", [4]);
  const out = graph.output(add(x, x));
  const program = await device.compile(plan(graph));
  const run = () => program.run({ x: new Float32Array(4) });
  return { device, program, out, run, [Symbol.dispose]: () => device[Symbol.dispose]() };
}

Deno.test("an error that nobody captured is thrown by the next call that waits, and by all after it", async () => {
  using opened = await doubling();
  const { device, out, program, run } = opened;
  run();
  device.gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await assertRejects(() => device.finish(), DeviceError, "Device refused a call: `MAP` usage can only be combined");
  assertThrows(run, DeviceError, "Device refused a call");
  await assertRejects(() => program.read(out), DeviceError, "Device refused a call");
  await assertRejects(() => device.createStore([{ name: "a", size: 1 }]), DeviceError, "Device refused a call");
});

Deno.test("a run of a program that was freed is an error and no silent nothing", async () => {
  using opened = await doubling();
  opened.program[Symbol.dispose]();
  opened.run();
  await assertRejects(() => opened.device.finish(), DeviceError, "has been destroyed");
});

Deno.test("a device that goes away is an error at the next call", async () => {
  using opened = await doubling();
  opened.run();
  opened.device.gpu.destroy(); // not by us: the wrapper knows of nothing
  await opened.device.gpu.lost;
  const message = "continue from the last checkpoint with --resume auto";
  assertThrows(opened.run, DeviceError, `Device lost: device was lost; ${message}`);
  await assertRejects(() => opened.device.finish(), DeviceError, message);
  await assertRejects(() => opened.program.read(opened.out), DeviceError, message);
  assertThrows(() => opened.device.createRing(1, 1), DeviceError, message);
});

Deno.test("a device that is disposed of refuses calls at once", async () => {
  const { device, run, program, out } = await doubling();
  device[Symbol.dispose]();
  assertThrows(run, DeviceError, "Cannot use the device: it is disposed of; open another one");
  await assertRejects(() => program.read(out), DeviceError, "it is disposed of");
});

Deno.test("the driver's errors and losses are told in one line, memory that ran out with what to change", async () => {
  const message = (event: (target: EventTarget, lose: (info: Partial<GPUDeviceLostInfo>) => void) => void) => {
    const { promise, resolve } = Promise.withResolvers<Partial<GPUDeviceLostInfo>>();
    const target = Object.assign(new EventTarget(), { lost: promise });
    const watch = new ErrorWatch(target as unknown as GPUDevice);
    watch.check();
    event(target, resolve);
    return promise.then(() => assertThrows(() => watch.check(), DeviceError) as DeviceError).then((e) => e.message);
  };
  const uncaptured = (error: GPUError) => (target: EventTarget, done: (info: Partial<GPUDeviceLostInfo>) => void) => {
    target.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
    done({ message: "later" });
  };
  assertEquals(
    await message(uncaptured(new GPUOutOfMemoryError("no memory\n  left"))),
    "Device out of memory: no memory left; lower --micro-batch, --sequence or the model's size",
  );
  assertEquals(await message(uncaptured(new GPUValidationError("no"))), "Device refused a call: no");
  assertEquals(
    await message((_, lose) => lose({ message: "the driver\ncrashed" })),
    "Device lost: the driver crashed; continue from the last checkpoint with --resume auto",
  );
});

Deno.test("memory that the machine does not have is refused before any of it is allocated by a software adapter", async () => {
  using _offered = offer((adapter) => posing(adapter, true));
  const { graph, persistent } = smallStep();
  const planned = plan(graph);
  using free = await WebGPUDevice.open();
  const { programBytes, persistentBytes } = free.estimate(planned);
  using tight = await WebGPUDevice.open({ memoryBytes: persistentBytes + programBytes - 1 });
  using store = await tight.createStore(persistent);
  const error = await assertRejects(() => tight.compile(planned, [store]), DeviceError) as DeviceError;
  const needed = ((persistentBytes + programBytes) / 1024).toFixed(1);
  assertEquals(
    error.message,
    "Cannot allocate the program: lower --micro-batch, --sequence or the model's size: " +
      `${needed} KiB needed, ${((persistentBytes + programBytes - 1) / 1024).toFixed(1)} KiB available`,
  );
  assertEquals([tight.counters.bytes, tight.counters.buffers], [persistentBytes, persistent.length]);
  using roomy = await WebGPUDevice.open({ memoryBytes: persistentBytes + programBytes });
  using again = await roomy.createStore(persistent);
  using _program = await roomy.compile(planned, [again]);
  await assertRejects(() => roomy.createStore([{ name: "more", size: 1 }]), DeviceError, "Cannot allocate more");
});

Deno.test("the machine's memory is no limit for a hardware adapter, which has its own", async () => {
  using _offered = offer((adapter) => posing(adapter, false));
  using device = await WebGPUDevice.open({ memoryBytes: 16 });
  using _store = await device.createStore([{ name: "large", size: 64 }]);
  assertEquals(device.counters.bytes, 256);
});

Deno.test("memory that the driver refuses is an error that says what to change, and none of it is kept", async () => {
  using opened = await doubling();
  const { gpu, counters } = opened.device;
  const before = counters.bytes;
  const pop = gpu.popErrorScope.bind(gpu);
  let refusals = 1;
  gpu.popErrorScope = () => pop().then((error) => refusals-- > 0 ? new GPUOutOfMemoryError("no memory") : error);
  await assertRejects(
    () => opened.device.createStore([{ name: "a", size: 256 }]),
    DeviceError,
    "Cannot allocate parameters: lower --micro-batch, --sequence or the model's size: ",
  );
  assertEquals(counters.bytes, before);
});

Deno.test("a buffer above the adapter's limit is refused with both sizes, and leaves nothing behind", async () => {
  using opened = await doubling();
  const { device } = opened;
  const most = device.gpu.limits.maxBufferSize;
  const before = device.counters.bytes;
  await assertRejects(
    () => device.createStore([{ name: "small", size: 64 }, { name: "huge", size: Math.ceil(most / 4) + 64 }]),
    DeviceError,
    "Cannot allocate huge: a buffer holds at most",
  );
  assertEquals(device.counters.bytes, before);
});

const brokenOp: Op<{ source: string }> = defineOp({
  name: "broken",
  infer: () => [{ shape: [4] }],
  cost: () => ({ flops: 0, bytes: 0 }),
  webgpu: ({ outputs: [out], attributes: { source } }) => [{
    kernel: { name: "broken", source },
    constants: {},
    bindings: [whole(out!)],
    uniforms: [0],
    groups: [1, 1, 1],
  }],
});

Deno.test("a kernel that does not compile is named, with the compiler's words in one line", async () => {
  using opened = await doubling();
  const graph = new Graph();
  graph.output(graph.apply(brokenOp, [], { source: "@compute @workgroup_size(1) fn main() { nonsense(); }" })[0]!);
  const before = opened.device.counters.bytes;
  const compile = () => opened.device.compile(plan(graph));
  const error = await assertRejects(compile, DeviceError, "Cannot compile kernel 'broken': ") as DeviceError;
  assert(error.message.includes("nonsense"));
  assert(!error.message.includes("\n"));
  assertEquals(opened.device.counters.bytes, before);
  opened.run();
  await opened.device.finish();
});

Deno.test("of programs that are compiled at once, the one that is wrong is refused and no other", async () => {
  using device = await WebGPUDevice.open();
  const unbound = defineOp<Record<never, never>>({
    name: "unbound",
    infer: () => [{ shape: [4] }],
    cost: () => ({ flops: 0, bytes: 0 }),
    webgpu: () => [{
      kernel: {
        name: "unbound",
        source: "@group(0) @binding(1) var<storage, read_write> y: array<f32>;\n" +
          "@compute @workgroup_size(1) fn main() { y[0] = 1; }",
      },
      constants: {},
      bindings: [], // one is missing
      uniforms: [0],
      groups: [1, 1, 1],
    }],
  });
  const compile = async (wrong: boolean) => {
    const graph = new Graph();
    const x = graph.input("x", [4]);
    graph.output(wrong ? graph.apply(unbound, [], {})[0]! : add(x, x));
    using _program = await device.compile(plan(graph));
  };
  await assertRejects(() => compile(true), DeviceError, "Cannot compile the program: ");
  const wrong = [false, true, false, false, true];
  const results = await Promise.allSettled(wrong.map(compile));
  assertEquals(results.map(({ status }) => status === "rejected"), wrong);
  assertEquals(device.counters.bytes, 0);
  await device.finish();
});
