import { assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { DeviceError } from "../../lib/devices/errors.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { add, axpy } from "../../lib/ops/add/mod.ts";
import { gather } from "../../lib/ops/gather/mod.ts";
import { matmul } from "../../lib/ops/matmul/mod.ts";
import { normals } from "../ops/harness.ts";
import { onEach } from "./on_each.ts";

/** sum += 2 x + y, in memory that outlives the run. */
function running() {
  const graph = new Graph();
  const [x, y] = [graph.input("x", [5]), graph.input("y", [5])];
  const sum = graph.persistent("sum", [5], "state");
  axpy(sum, add(y, x, 2));
  return { graph, sum, entries: [sum] };
}

const five = (value: number) => new Float32Array(5).fill(value);

onEach("a program runs several times in one submission, each time with its own inputs", async (device) => {
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

onEach("one submission may carry more inputs than any before it", async (device) => {
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

onEach("inputs may be changed as soon as they are handed over", async (device) => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  const x = five(1);
  program.run({ x, y: five(0) });
  x.fill(100);
  assertEquals(await program.read(sum), five(2));
});

onEach("a read sees the runs before it and none after, though nobody waited between them", async (device) => {
  const size = 300_000;
  const graph = new Graph();
  const x = graph.input("x", [size]);
  const out = graph.output(add(x, x));
  using program = await device.compile(plan(graph));
  const reads: Promise<Float32Array>[] = [];
  for (let value = 0; value < 5; value++) {
    program.run({ x: new Float32Array(size).fill(value) });
    reads.push(program.read(out), program.read(x));
  }
  program.run({ x: new Float32Array(size) });
  const found = (await Promise.all(reads)).map((values) => [...new Set(values)]);
  assertEquals(found, [0, 1, 2, 3, 4].flatMap((value) => [[2 * value], [value]]));
});

onEach("a read is of the values at the call, whatever is written, cleared or freed while it waits", async (device) => {
  const { graph, sum, entries } = running();
  const store = await device.createStore(entries);
  const program = await device.compile(plan(graph), [store]);
  const reads: Promise<Float32Array>[] = [];
  const read = () => void reads.push(store.read("sum"), program.read(sum));
  program.run({ x: five(1), y: five(0) });
  read();
  store.write("sum", five(100));
  program.run();
  read();
  device.submit((recorder) => recorder.clear(store, "sum"));
  program.run();
  read();
  program[Symbol.dispose]();
  store[Symbol.dispose]();
  assertEquals(await Promise.all(reads), [2, 2, 102, 102, 2, 2].map(five));
});

onEach("programs share the stores that they are given", async (device) => {
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

onEach("inputs of another name, length or type are refused, and what was recorded is forgotten", async (device) => {
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

onEach("only what keeps its memory can be read", async (device) => {
  const graph = new Graph();
  const x = graph.input("x", [5]);
  const [double, unused] = [add(x, x), graph.input("unused", [5])];
  const out = graph.output(add(double, x));
  using program = await device.compile(plan(graph));
  using ring = device.createRing(5, 1);
  program.run({ x: five(2) });
  assertEquals(await program.read(out), five(6));
  assertEquals(await program.read(x), five(2));
  const message =
    "Cannot read 'add.0': its memory is reused; mark it with graph.output() before plan(), and compile again";
  await assertRejects(() => program.read(double), RangeError, message);
  await assertRejects(() => program.read(unused), RangeError, "no node of the graph uses it");
  assertThrows(
    () => device.submit((recorder) => recorder.keep(ring, program, [double])),
    RangeError,
    message,
  );
});

onEach(
  "what is marked as an output after the plan was made cannot be read until it is compiled again",
  async (device) => {
    const graph = new Graph();
    const x = graph.input("x", [4]);
    const double = add(x, x);
    let last = double;
    for (let i = 0; i < 4; i++) last = add(last, x);
    graph.output(last);
    using early = await device.compile(plan(graph));
    using ring = device.createRing(4, 1);
    graph.output(double);
    early.run({ x: Float32Array.of(1, 2, 3, 4) });
    const later = add(double, x);
    for (const tensor of [double, later]) {
      const message = `Cannot read '${tensor.name}': its memory is reused; mark it with graph.output() before plan()`;
      await assertRejects(() => early.read(tensor), RangeError, message);
      assertThrows(() => device.submit((recorder) => recorder.keep(ring, early, [tensor])), RangeError, message);
    }
    assertEquals(await early.read(last), Float32Array.of(6, 12, 18, 24));
    using again = await device.compile(plan(graph));
    again.run({ x: Float32Array.of(1, 2, 3, 4) });
    assertEquals(await again.read(double), Float32Array.of(2, 4, 6, 8));
  },
);

onEach("whole numbers are read as such, and never as floats of their bits", async (device) => {
  const graph = new Graph();
  const ids = graph.input("ids", [3], "u32");
  const picked = graph.output(gather(ids, { columns: graph.constant("columns", [2], Uint32Array.of(2, 0)) }));
  const half = graph.output(add(graph.input("x", [5]), graph.constant("zeros", [5], five(0)), 0.5));
  using program = await device.compile(plan(graph));
  using ring = device.createRing(2, 1);
  program.run({ ids: Uint32Array.of(7, 8, 0xffffffff), x: five(1) });
  assertEquals(await program.readU32(ids), Uint32Array.of(7, 8, 0xffffffff));
  assertEquals(await program.readU32(picked), Uint32Array.of(0xffffffff, 7));
  assertEquals(await program.read(half), five(1));
  const message = `Cannot read ${picked.name} [1, 2] as f32: it is u32; use readU32()`;
  await assertRejects(() => program.read(picked), TypeError, message);
  assertThrows(() => device.submit((recorder) => recorder.keep(ring, program, [picked])), TypeError, message);
  await assertRejects(
    () => program.readU32(half),
    TypeError,
    `Cannot read ${half.name} [5] as u32: it is f32; use read()`,
  );
});

onEach("a program that cannot be made leaves no memory behind", async (device) => {
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

onEach("inputs may change between the runs of one submission", async (device) => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  const x = five(1);
  device.submit((recorder) => {
    recorder.run(program, { x, y: five(0) });
    x.fill(100);
    recorder.run(program, { x });
  });
  assertEquals(await program.read(sum), five(202));
});

onEach("constants and views of tensors have their own values", async (device) => {
  const graph = new Graph();
  const table = graph.constant("table", [128], normals("table", 128));
  const [low, high] = [0, 64].map((offset) => graph.view(table, `at ${offset}`, offset, [5]));
  const out = graph.output(add(low!, high!, -1));
  using program = await device.compile(plan(graph));
  const values = normals("table", 128);
  const expected = Float32Array.from({ length: 5 }, (_, i) => values[i]! - values[64 + i]!);
  for (let run = 0; run < 2; run++) {
    program.run();
    assertEquals(await program.read(out), expected);
  }
});

onEach("clearing comes in its turn among the runs of a submission", async (device) => {
  const { graph, sum, entries } = running();
  using store = await device.createStore(entries);
  using program = await device.compile(plan(graph), [store]);
  using ring = device.createRing(5, 2);
  device.submit((recorder) => {
    recorder.run(program, { x: five(1), y: five(1) });
    recorder.keep(ring, program, [sum]);
    recorder.clear(store, "sum");
    recorder.run(program, { x: five(2) });
    recorder.keep(ring, program, [sum]);
  });
  assertEquals((await ring.drain()).map(([value]) => value), [3, 5]);
});

onEach("many submissions may be in flight, with inputs that grow", async (device) => {
  const graph = new Graph();
  const x = graph.input("x", [5000]);
  const out = graph.output(add(x, x));
  using program = await device.compile(plan(graph));
  using ring = device.createRing(5000, 200);
  for (let i = 0; i < 100; i++) {
    device.submit((recorder) => {
      for (let run = 0; run <= (i === 60 ? 100 : 0); run++) {
        recorder.run(program, { x: new Float32Array(5000).fill(1000 * i + run) });
        if (run % 50 === 0) recorder.keep(ring, program, [out]);
      }
    });
  }
  const kept = Array.from({ length: 100 }, (_, i) => i === 60 ? [60_000, 60_050, 60_100] : [1000 * i]).flat();
  assertEquals((await ring.drain()).map((row) => [...new Set(row)]), kept.map((value) => [2 * value]));
});

onEach("an estimate is what compiling allocates, and all of it is freed", async (device) => {
  const graph = new Graph();
  const product = matmul(graph.input("a", [70, 50]), graph.input("b", [50, 90]));
  const state = graph.persistent("state", [70, 90], "state");
  axpy(state, graph.output(add(product, product)));
  const planned = plan(graph);
  const { programBytes, persistentBytes, launches } = device.estimate(planned);
  const before = device.counters.bytes;
  {
    using store = await device.createStore([state]);
    assertEquals([device.counters.bytes - before, store.bytes], [persistentBytes, persistentBytes]);
    using program = await device.compile(planned, [store]);
    assertEquals([device.counters.bytes - before - store.bytes, program.bytes], [programBytes, programBytes]);
    assertEquals(program.launches, launches);
    assertLess(0, launches);
  }
  assertEquals(device.counters.bytes, before);
});

onEach("a program that was freed, or whose store was, is an error and no silent nothing", async ({ kind }) => {
  for (const first of ["program", "store"]) {
    using device = await openDevice(kind);
    const { graph, entries } = running();
    const store = await device.createStore(entries);
    const program = await device.compile(plan(graph), [store]);
    (first === "program" ? program : store)[Symbol.dispose]();
    await assertRejects(
      async () => {
        program.run({ x: five(1), y: five(1) });
        await device.finish();
      },
      DeviceError,
      kind === "cpu" ? "it is disposed of; free it after its last use" : "has been destroyed",
    );
  }
});

onEach("a device that is disposed of refuses calls at once", async ({ kind }) => {
  const device = await openDevice(kind);
  const { graph, sum, entries } = running();
  const store = await device.createStore(entries);
  const program = await device.compile(plan(graph), [store]);
  device[Symbol.dispose]();
  const message = "Cannot use the device: it is disposed of; open another one";
  assertThrows(() => program.run(), DeviceError, message);
  assertThrows(() => device.createRing(1, 1), DeviceError, message);
  await assertRejects(() => program.read(sum), DeviceError, "it is disposed of");
  await assertRejects(() => device.finish(), DeviceError, message);
  await assertRejects(() => device.createStore(entries), DeviceError, message);
  program[Symbol.dispose]();
  store[Symbol.dispose]();
  device[Symbol.dispose]();
});

onEach("an estimate of transfers is what submissions and rings allocate", async ({ kind }) => {
  for (const size of [5, 3000, 100_000]) {
    using device = await openDevice(kind);
    const graph = new Graph();
    const [x, y] = [graph.input("x", [size]), graph.input("y", [size])];
    const out = graph.output(add(x, y));
    using program = await device.compile(plan(graph));
    const before = device.counters.bytes;
    using ring = device.createRing(size, 3);
    device.submit((recorder) => recorder.run(program, { x: new Float32Array(size) })); // then more is needed
    device.submit((recorder) => {
      recorder.run(program, { x: new Float32Array(size), y: new Float32Array(size) });
      recorder.run(program, { x: new Float32Array(size) });
      recorder.keep(ring, program, [out]);
    });
    const expected = device.estimateTransfers({ commands: 6, inputBytes: 12 * size, rings: [3 * size] });
    assertEquals(device.counters.bytes - before, expected);
    await ring.drain();
    assertEquals(device.counters.bytes - before, expected);
  }
});
