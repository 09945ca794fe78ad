import { assert, assertEquals, assertLess } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Graph } from "../../../lib/graph/graph.ts";
import { plan } from "../../../lib/graph/plan.ts";
import { add } from "../../../lib/ops/add/mod.ts";
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
