import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { add, axpy } from "../../../lib/ops/add/mod.ts";
import { normals } from "../../ops/harness.ts";
import { countCalls } from "./count_calls.ts";
import { smallInputs, smallStep } from "./small_step.ts";

const device = await openDevice("webgpu");

Deno.test("the planned bytes are the bytes really allocated, and all of them are freed", async () => {
  const { graph, persistent } = smallStep();
  const planned = plan(graph);
  const { programBytes, persistentBytes, launches } = device.estimate(planned);
  const before = device.counters.bytes;
  {
    using counted = countCalls();
    using store = await device.createStore(persistent);
    assertEquals([device.counters.bytes - before, store.bytes], [persistentBytes, persistentBytes]);
    assertEquals(counted.calls.createBuffer, persistent.length);
    using program = await device.compile(planned, [store]);
    assertEquals([device.counters.bytes - before - store.bytes, program.bytes], [programBytes, programBytes]);
    assertEquals(program.launches, launches);
    assertEquals(counted.calls.createBuffer, persistent.length + planned.slots.length + 1);
    assertLess(planned.slotBytes, planned.unsharedBytes);
  }
  assertEquals(device.counters.bytes, before);
});

Deno.test("a warmed-up step makes no buffer, bind group or pipeline, waits for nothing and submits once", async () => {
  const { graph, loss, norm, persistent } = smallStep();
  using store = await device.createStore(persistent);
  store.write("parameters", normals("parameters", 2176, 0.1));
  using program = await device.compile(plan(graph), [store]);
  using ring = device.createRing(2, 8);
  const step = (i: number) =>
    device.submit((recorder) => {
      recorder.clear(store, "gradients");
      recorder.run(program, smallInputs(i));
      recorder.keep(ring, program, [loss, norm]);
    });
  step(0);
  step(1);
  await ring.drain();
  const before = { ...device.counters };
  {
    using counted = countCalls();
    for (let i = 2; i < 7; i++) step(i);
    assertEquals(counted.calls, { createCommandEncoder: 5, submit: 5, writeBuffer: 5 });
  }
  assertEquals(device.counters, { ...before, submits: before.submits + 5 });
  const rows = await ring.drain();
  assertEquals(rows.length, 5);
  assert(rows.every(([loss, norm]) => loss! > 0 && norm! > 0));
  assertEquals(device.counters.waits, before.waits + 1);
});

Deno.test("a training step learns, and two runs of it have the same bytes", async () => {
  const run = async () => {
    const { graph, loss, persistent } = smallStep();
    using store = await device.createStore(persistent);
    store.write("parameters", normals("parameters", 2176, 0.1));
    using program = await device.compile(plan(graph), [store]);
    using ring = device.createRing(1, 60);
    for (let i = 0; i < 60; i++) {
      device.submit((recorder) => {
        recorder.clear(store, "gradients");
        recorder.run(program, smallInputs(i));
        recorder.keep(ring, program, [loss]);
      });
    }
    return { losses: (await ring.drain()).map(([loss]) => loss!), parameters: await store.read("parameters") };
  };
  const first = await run();
  assertLess(first.losses.at(-1)!, 0.8 * first.losses[0]!);
  assertEquals(await run(), first);
});

Deno.test("a second program of other shapes compiles no new pipeline", async () => {
  const graphOf = (length: number) => {
    const graph = new Graph();
    graph.output(add(graph.input("x", [length]), graph.input("y", [length])));
    return plan(graph);
  };
  using _first = await device.compile(graphOf(35));
  const before = device.counters.pipelines;
  using counted = countCalls();
  using _second = await device.compile(graphOf(1001));
  assertEquals(device.counters.pipelines, before);
  assertEquals(counted.calls.createComputePipeline, undefined);
  assertEquals(counted.calls.createShaderModule, undefined);
});

/** sum += 2 x + y, in memory that outlives the run. */
function running() {
  const graph = new Graph();
  const [x, y] = [graph.input("x", [5]), graph.input("y", [5])];
  const sum = graph.persistent("sum", [5], "state");
  axpy(sum, add(y, x, 2));
  return { graph, sum, entries: [sum] };
}

const five = (value: number) => new Float32Array(5).fill(value);

Deno.test("a program runs several times in one submission, each time with its own inputs", async () => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  using ring = device.createRing(5, 3);
  const submits = device.counters.submits;
  device.submit((recorder) => {
    recorder.run(program, { x: five(1), y: five(10) });
    recorder.keep(ring, program, [sum]);
    recorder.run(program, { x: five(2), y: five(20) });
    recorder.keep(ring, program, [sum]);
    recorder.run(program, { x: five(3) }); // y keeps its values
    recorder.keep(ring, program, [sum]);
  });
  assertEquals(device.counters.submits, submits + 1);
  assertEquals((await ring.drain()).map(([value]) => value), [12, 36, 62]);
});

Deno.test("one submission may carry more inputs than any before it", async () => {
  const graph = new Graph();
  const x = graph.input("x", [3000]);
  const out = graph.output(add(x, x));
  using program = await device.compile(plan(graph));
  using ring = device.createRing(3000, 5);
  const inputs = [1, 2, 3, 4, 5].map((run) => normals(`x ${run}`, 3000));
  device.submit((recorder) => {
    for (const x of inputs) {
      recorder.run(program, { x });
      recorder.keep(ring, program, [out]);
    }
  });
  assertEquals(await ring.drain(), inputs.map((x) => x.map((value) => 2 * value)));
});

Deno.test("inputs may be changed as soon as they are handed over", async () => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  const x = five(1);
  program.run({ x, y: five(0) });
  x.fill(100);
  assertEquals(await program.read(sum), five(2));
});

Deno.test("programs share the stores that they are given", async () => {
  const [adds, subtracts] = [running(), new Graph()];
  axpy(subtracts.persistent("sum", [5], "state"), subtracts.persistent("other", [5], "parameter"), -1);
  using store = await device.createStore(adds.entries);
  using second = await device.createStore([{ name: "other", size: 5 }]);
  using plus = await device.compile(plan(adds.graph), [store]);
  using minus = await device.compile(plan(subtracts), [second, store]);
  store.write("sum", five(100));
  second.write("other", five(7));
  plus.run({ x: five(1), y: five(1) });
  minus.run();
  assertEquals(await store.read("sum"), five(96));
});

Deno.test("inputs of another name, length or type are refused, and what was recorded is forgotten", async () => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  const refused = (inputs: Record<string, unknown>, message: string) =>
    assertThrows(() => program.run(inputs as Record<string, Float32Array<ArrayBuffer>>), RangeError, message);
  refused({ z: five(1) }, "Cannot set input 'z': the program has x, y");
  refused({ x: five(1), y: five(1).subarray(1) }, "Cannot set input y [5]: it takes 5 values of f32, found 4 of f32");
  refused({ x: new Uint32Array(5) }, "it takes 5 values of f32, found 5 of u32");
  refused({ x: new Float64Array(5) }, "it takes 5 values of f32, found 5 of Float64Array");
  program.run({ x: five(1), y: five(2) });
  assertEquals(await program.read(sum), five(4));
});

Deno.test("only what keeps its memory can be read", async () => {
  const graph = new Graph();
  const x = graph.input("x", [5]);
  const [double, unused] = [add(x, x), graph.input("unused", [5])];
  const out = graph.output(add(double, x));
  using program = await device.compile(plan(graph));
  using ring = device.createRing(5, 1);
  program.run({ x: five(2) });
  assertEquals(await program.read(out), five(6));
  assertEquals(await program.read(x), five(2));
  await assertRejects(() => program.read(double), RangeError, "mark it with graph.output() first");
  await assertRejects(() => program.read(unused), RangeError, "no node of the graph uses it");
  assertThrows(
    () => device.submit((recorder) => recorder.keep(ring, program, [double])),
    RangeError,
    "mark it with graph.output() first",
  );
});

Deno.test("a program that cannot be made leaves no memory behind", async () => {
  const { graph } = running();
  const before = device.counters.bytes;
  await assertRejects(() => device.compile(plan(graph)), RangeError, "none of the program's stores has it");
  using store = await device.createStore([{ name: "sum", size: 6 }]);
  await assertRejects(
    () => device.compile(plan(graph), [store]),
    RangeError,
    "Cannot use persistent tensor 'sum' of 5 values: the store has 6 values under this name",
  );
  assertEquals(device.counters.bytes, before + store.bytes);
});
