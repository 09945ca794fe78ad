import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Device } from "../../lib/devices/device.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import { axpy } from "../../lib/ops/add/mod.ts";
import { onEach } from "./on_each.ts";

const graph = new Graph();
const x = graph.input("x", [4]);
const w = graph.persistent("w", [4], "parameter");
axpy(w, x);

/** All that a device makes. */
async function made(device: Device) {
  using owned = new DisposableStack();
  const store = owned.use(await device.createStore([w]));
  const program = owned.use(await device.compile(plan(graph), [store]));
  const ring = owned.use(device.createRing(4, 2));
  const all = owned.move();
  return { store, program, ring, [Symbol.dispose]: () => all.dispose() };
}

const refusal = (what: string) =>
  `Cannot use ${what} with this device: it must be made by it, found one of another device; create it with this device`;

for (const other of ["cpu", "webgpu"] as const) {
  onEach(`what another device made is refused, and nothing of it is changed (${other})`, async (device) => {
    using elsewhere = await openDevice(other, { threads: 2 });
    using own = await made(device);
    using foreign = await made(elsewhere);
    own.store.write("w", Float32Array.of(1, 2, 3, 4));
    foreign.store.write("w", Float32Array.of(5, 6, 7, 8));
    const inputs = { x: new Float32Array(4).fill(100) };
    const { bytes } = device.counters;
    for (const stores of [[foreign.store], { "": [foreign.store, own.store] }]) {
      await assertRejects(() => device.compile(plan(graph), stores), TypeError, refusal("store 'w'"));
    }
    assertEquals(device.counters.bytes, bytes);
    const refused = (what: string, record: Parameters<Device["submit"]>[0]) =>
      assertThrows(() => device.submit(record), TypeError, refusal(what));
    refused("a program", (recorder) => recorder.run(foreign.program, inputs));
    refused("store 'w'", (recorder) => recorder.clear(foreign.store, "w"));
    refused("a program", (recorder) => recorder.keep(own.ring, foreign.program, [w]));
    refused("a ring", (recorder) => recorder.keep(foreign.ring, own.program, [w]));
    own.program.run({ x: new Float32Array(4).fill(1) });
    assertEquals(await own.store.read("w"), Float32Array.of(2, 3, 4, 5));
    assertEquals(await foreign.store.read("w"), Float32Array.of(5, 6, 7, 8));
    assertEquals([own.ring.pending, foreign.ring.pending], [0, 0]);
  });
}
