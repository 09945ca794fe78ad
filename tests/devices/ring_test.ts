import { assertEquals, assertThrows } from "@std/assert";
import type { Device, Program } from "../../lib/devices/device.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import type { Tensor } from "../../lib/graph/tensor.ts";
import { add } from "../../lib/ops/add/mod.ts";
import { onEach } from "./on_each.ts";

/** A program whose outputs are its input twice and three times. */
async function multiples(device: Device): Promise<{ program: Program; outputs: Tensor[] }> {
  const graph = new Graph();
  const x = graph.input("x", [3]);
  const outputs = [graph.output(add(x, x)), graph.output(add(x, x, 2))];
  return { program: await device.compile(plan(graph)), outputs };
}

const three = (value: number) => ({ x: Float32Array.of(value, value + 1, value + 2) });

onEach("a ring gives back rows in the order in which they were kept, and is empty then", async (device) => {
  const { program, outputs } = await multiples(device);
  using _program = program;
  using ring = device.createRing(6, 4);
  assertEquals(await ring.drain(), []);
  for (const value of [0, 10, 20]) {
    device.submit((recorder) => {
      recorder.run(program, three(value));
      recorder.keep(ring, program, outputs);
    });
  }
  assertEquals([ring.pending, ring.capacity], [3, 4]);
  const waits = device.counters.waits;
  assertEquals((await ring.drain()).map((row) => [...row]), [
    [0, 2, 4, 0, 3, 6],
    [20, 22, 24, 30, 33, 36],
    [40, 42, 44, 60, 63, 66],
  ]);
  assertEquals(device.counters.waits, waits + 1);
  assertEquals([ring.pending, await ring.drain()], [0, []]);
  device.submit((recorder) => {
    recorder.run(program, three(1));
    recorder.keep(ring, program, outputs);
  });
  assertEquals((await ring.drain()).map(([first]) => first), [2]);
});

onEach("a full ring refuses a row before anything is submitted, and keeps the others", async (device) => {
  const { program, outputs } = await multiples(device);
  using _program = program;
  using ring = device.createRing(6, 2);
  const keep = (count: number) =>
    device.submit((recorder) => {
      for (let i = 0; i < count; i++) {
        recorder.run(program, three(10 * i));
        recorder.keep(ring, program, outputs);
      }
    });
  keep(1);
  const submits = device.counters.submits;
  assertThrows(() => keep(2), RangeError, "Cannot keep another row: the ring holds 2; drain it first");
  assertEquals([ring.pending, device.counters.submits], [1, submits]);
  keep(1);
  assertEquals((await ring.drain()).map(([first]) => first), [0, 0]);
});

onEach("a ring refuses rows of another width", async (device) => {
  const { program, outputs } = await multiples(device);
  using _program = program;
  using ring = device.createRing(6, 2);
  assertThrows(
    () => device.submit((recorder) => recorder.keep(ring, program, outputs.slice(1))),
    RangeError,
    "Cannot keep a row: the ring's rows have 6 values, found 3",
  );
});

onEach("a ring whose width or capacity counts nothing is refused, and takes no memory", (device) => {
  const { bytes, buffers } = device.counters;
  for (const [width, capacity] of [[3, -2], [3, 0], [0, 3], [-1, 3], [1.5, 2], [1, NaN], [1, Infinity]] as const) {
    const error = assertThrows(() => device.createRing(width, capacity), RangeError);
    const found = `'width' and 'capacity' must be whole numbers above 0, found ${width} and ${capacity}`;
    assertEquals((error as Error).message, `Cannot create ring: ${found}`);
  }
  assertEquals([device.counters.bytes, device.counters.buffers], [bytes, buffers]);
});

onEach("a ring's memory is freed with it", (device) => {
  const before = device.counters.bytes;
  const ring = device.createRing(16, 4);
  assertEquals(device.counters.bytes, before + 256);
  ring[Symbol.dispose]();
  ring[Symbol.dispose]();
  assertEquals(device.counters.bytes, before);
});
