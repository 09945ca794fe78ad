import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { measureLatency } from "../../lib/evaluate/latency.ts";
import { Model } from "../../lib/model/model.ts";
import { onEach } from "../devices/on_each.ts";
import { largeParameters, smallNeoX } from "../model/small_neox.ts";

onEach("latencies are finite and above 0, agree with each other, and leave no memory behind", async (device) => {
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  await measureLatency(model, { repeats: 1 }); // what a device keeps for uploads is there now
  const { bytes } = device.counters;
  const found = await measureLatency(model, { batch: 3, sequence: 5, repeats: 4 });
  assertEquals(device.counters.bytes, bytes);
  const { median, minimum, spread, tokensPerSecond, passes } = found;
  for (const value of Object.values(found)) assert(Number.isFinite(value), JSON.stringify(found));
  assert(minimum > 0 && minimum <= median && median <= minimum + spread && spread >= 0, JSON.stringify(found));
  assertAlmostEquals(tokensPerSecond * median / 1000, 15, 1e-9);
  assertEquals([found.batch, found.sequence], [3, 5]);
  // One pass first, one to warm up, at least one to see how long it takes, and four measurements.
  assert(passes >= 7, `${passes}`);
});

onEach("a pass is compiled once, and several are sent for each wait", async (device) => {
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  await measureLatency(model, { repeats: 1 });
  const before = { ...device.counters };
  const { passes } = await measureLatency(model, { repeats: 5 });
  const waits = device.counters.waits - before.waits;
  assertEquals(device.counters.pipelines, before.pipelines);
  assertEquals(device.counters.submits - before.submits, passes);
  // Two for each of three empty waits, the pass to warm up, one to ten measurements to see how many passes fit, and five.
  assert(waits >= 2 * (3 + 1 + 1 + 5) && waits <= 2 * (3 + 1 + 10 + 5), `${waits}`);
});

onEach("sizes that are none, and sequences that the model does not take, are refused", async (device) => {
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  const refused = (options: Record<string, number>, reason: string) =>
    assertRejects(() => measureLatency(model, options), RangeError, `Cannot measure the latency: ${reason}`);
  await refused({ batch: 0 }, "'batch' must be a whole number above 0, found 0");
  await refused({ repeats: 1.5 }, "'repeats' must be a whole number above 0, found 1.5");
  await refused({ sequence: 8 }, "'sequence' must be a whole number from 1 to the model's 7, found 8");
});
