import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { axpy } from "../../lib/ops/add/mod.ts";
import { normals } from "../ops/harness.ts";
import { onEach } from "./on_each.ts";

const ENTRIES = [{ name: "a", size: 37 }, { name: "b", size: 128 }];

onEach("a store starts as zeros, and gives back what was written, whole and in parts", async (device) => {
  using store = await device.createStore(ENTRIES);
  assertEquals(await store.read("a"), new Float32Array(37));
  const values = normals("a", 37);
  store.write("a", values);
  assertEquals(await store.read("a"), values);
  assertEquals(await store.read("a", 30), values.slice(30));
  assertEquals(await store.read("a", 3, 5), values.slice(3, 8));
  assertEquals(await store.read("a", 37), new Float32Array(0));
  store.write("a", Float32Array.of(1, 2), 35);
  store.write("a", values.subarray(10, 12), 1);
  assertEquals(
    await store.read("a"),
    Float32Array.of(values[0]!, values[10]!, values[11]!, ...values.slice(3, 35), 1, 2),
  );
  assertEquals(await store.read("b"), new Float32Array(128));
});

onEach("whole numbers keep their bits in a store", async (device) => {
  using store = await device.createStore([{ name: "tokens", size: 3 }]);
  store.write("tokens", Uint32Array.of(0xffffffff, 1, 50303));
  assertEquals([...new Uint32Array((await store.read("tokens")).buffer)], [0xffffffff, 1, 50303]);
});

onEach("values larger than a staging buffer travel in chunks", async (device) => {
  const size = 4 * 1024 * 1024 + 13;
  const values = new Float32Array(size).map((_, i) => i % 65521);
  using store = await device.createStore([{ name: "large", size }]);
  store.write("large", values);
  const found = await store.read("large");
  assertEquals(found.length, size);
  assertEquals(found.findIndex((value, i) => value !== values[i]), -1);
});

onEach("names and places that a store does not have are refused", async (device) => {
  using store = await device.createStore(ENTRIES);
  assertThrows(
    () => store.write("c", new Float32Array(1)),
    RangeError,
    "the store has no persistent tensor of this name",
  );
  assertThrows(
    () => store.write("a", new Float32Array(38)),
    RangeError,
    "Cannot access 'a': values 0 to 38 must lie within its 37 values",
  );
  assertThrows(() => store.write("a", new Float32Array(2), 36), RangeError, "values 36 to 38");
  assertThrows(() => store.write("a", new Float32Array(2), -1), RangeError, "values -1 to 1");
  assertThrows(() => store.write("a", new Float32Array(2), 0.5), RangeError, "values 0.5 to 2.5");
  await assertRejects(() => store.read("c"), RangeError, "no persistent tensor of this name");
  await assertRejects(() => store.read("a", 30, 8), RangeError, "values 30 to 38");
  await assertRejects(() => store.read("a", 0, -1), RangeError, "values 0 to -1");
  assertThrows(
    () => device.submit((recorder) => recorder.clear(store, "c")),
    RangeError,
    "the store has no persistent tensor of this name",
  );
});

onEach("clearing an entry leaves the others", async (device) => {
  using store = await device.createStore(ENTRIES);
  store.write("a", normals("a", 37));
  store.write("b", normals("b", 128));
  device.submit((recorder) => recorder.clear(store, "a"));
  assertEquals(await store.read("a"), new Float32Array(37));
  assertEquals(await store.read("b"), normals("b", 128));
});

onEach("a store takes whole alignments of 256 bytes, and frees them once", async (device) => {
  const before = device.counters.bytes;
  const store = await device.createStore(ENTRIES);
  assertEquals([store.bytes, device.counters.bytes - before], [768, 768]);
  store[Symbol.dispose]();
  store[Symbol.dispose]();
  assertEquals(device.counters.bytes, before);
});

onEach("a store of two entries of one name is refused before any memory is taken", async (device) => {
  const { bytes } = device.counters;
  const entries = [{ name: "a", size: 1000 }, { name: "a", size: 10 }, { name: "b", size: 64 }];
  const error = await assertRejects(() => device.createStore(entries), RangeError);
  assertEquals(error.message, "Cannot create store: every name must be given once, found 'a' twice; leave one out");
  assertEquals(device.counters.bytes, bytes);
});

onEach("an entry whose size counts nothing is refused, and the store takes no memory", async (device) => {
  const { bytes } = device.counters;
  for (const size of [-4, 0, 1.5, NaN, Infinity]) {
    const error = await assertRejects(
      () => device.createStore([{ name: "a", size: 8 }, { name: "b", size }]),
      RangeError,
    );
    assertEquals(
      (error as Error).message,
      `Cannot create store: 'b' must have a whole number of values above 0, found ${size}`,
    );
  }
  assertEquals(device.counters.bytes, bytes);
});

onEach("a store takes floats and whole numbers of 32 bits and nothing else", async (device) => {
  using store = await device.createStore(ENTRIES);
  const values = new Float64Array(2) as unknown as Float32Array<ArrayBuffer>;
  assertThrows(
    () => store.write("a", values),
    RangeError,
    "Cannot write 'a': values must be f32 or u32, found Float64Array",
  );
});

onEach("a value is read as the runs before left it, though the host did not wait for them", async (device) => {
  const size = 300_000;
  const graph = new Graph();
  axpy(graph.persistent("sum", [size], "state"), graph.constant("one", [size], new Float32Array(size).fill(1)));
  using store = await device.createStore([{ name: "sum", size }]);
  using program = await device.compile(plan(graph), [store]);
  for (let run = 0; run < 20; run++) program.run();
  const read = store.read("sum");
  assertEquals(new Set(await read), new Set([20]));
  program.run();
  store.write("sum", Float32Array.of(7), 1);
  program.run();
  assertEquals(await store.read("sum", 0, 3), Float32Array.of(22, 8, 22));
});

onEach("stores of the same names serve one program under a prefix each", async (device) => {
  using near = await device.createStore(ENTRIES);
  using far = await device.createStore(ENTRIES);
  near.write("a", new Float32Array(37).fill(2));
  far.write("a", new Float32Array(37).fill(5));
  const graph = new Graph();
  axpy(graph.persistent("near.a", [37], "state"), graph.persistent("far.a", [37], "parameter"));
  using program = await device.compile(plan(graph), { far, near });
  program.run();
  assertEquals(await near.read("a"), new Float32Array(37).fill(7));
  assertEquals(await far.read("a"), new Float32Array(37).fill(5));
  await assertRejects(
    () => device.compile(plan(graph), { far, other: near }),
    RangeError,
    "Cannot use persistent tensor 'near.a': none of the program's stores has it",
  );
});

onEach("a list of stores without a prefix stands beside those that have one", async (device) => {
  using own = await device.createStore([{ name: "b", size: 37 }]);
  using near = await device.createStore(ENTRIES);
  using far = await device.createStore(ENTRIES);
  near.write("a", new Float32Array(37).fill(2));
  far.write("a", new Float32Array(37).fill(5));
  const graph = new Graph();
  const sum = graph.persistent("b", [37], "state");
  axpy(sum, graph.persistent("a", [37], "parameter"));
  axpy(sum, graph.persistent("far.a", [37], "parameter"));
  using program = await device.compile(plan(graph), { far, "": [own, near] });
  program.run();
  assertEquals(await own.read("b"), new Float32Array(37).fill(7));
});
