import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { describeDevice, openDevice } from "../../lib/devices/mod.ts";
import { Model } from "../../lib/model/model.ts";
import { measureLatencyModel } from "../../lib/search/latency.ts";
import type { SubNetworkSearchOptions } from "../../lib/search/sub_network_config.ts";
import { frontOf } from "../../lib/search/sub_network_row.ts";
import { prepareSubNetworkSearch, searchSubNetworks, type SubNetworkSearchInputs } from "../../lib/search/prepare.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { checkLatencyModel, type LatencyModel, predictLatency } from "../../lib/subnet/latency/model.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import { largeParameters, smallNeoX } from "../model/small_neox.ts";
import { integers } from "../ops/harness.ts";

const device = await openDevice("cpu", { threads: 1 });
const teacher = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
Deno.test.afterAll(() => device[Symbol.dispose]());
const { sequence } = smallNeoX;
const tokens = Uint32Array.from(integers("text", 40 * sequence + 1, smallNeoX.vocabularySize));
const space = searchSpace("fine-layerwise", dimensionsOf(smallNeoX), {
  fixed: ["headDims"],
  steps: { width: 2, mlp: 2 },
});
const options: SubNetworkSearchOptions = {
  latency: "0.5x",
  tolerance: "3%",
  steps: "width=2,mlp=2",
  population: 8,
  evaluations: 20,
  calibrationTokens: `${8 * sequence}`,
  seed: 3,
};
/** Milliseconds that a small teacher could take. */
const latencyModel: LatencyModel = {
  coefficients: { pass: 0.05, layers: 0.1, products: 4000, attention: 9000, traffic: 2000, head: 5000 },
  ...{ batch: 1, sequence, device: "a device", flops: 1, members: 20, meanError: 0.01, worstError: 0.02 },
};
const full = predictLatency(latencyModel, space.largest(), smallNeoX);

async function rowsOf(more: SubNetworkSearchOptions = {}, inputs: Partial<SubNetworkSearchInputs> = {}) {
  return await Array.fromAsync(
    searchSubNetworks(teacher, { ...options, ...more }, { tokens, latencyModel, ...inputs }),
  );
}

Deno.test("every candidate of a search over latency has its predicted latency, inside the bin", async () => {
  for (const method of ["evolution", "nsga2", "stratified"] as const) {
    const rows = await rowsOf({ method });
    assertEquals(rows.length, 20);
    for (const { latency_ms, genotype } of rows) {
      assertEquals(latency_ms, predictLatency(latencyModel, genotype, smallNeoX));
      assert(Math.abs(latency_ms! - full / 2) <= 0.03 * full / 2, `${method}: ${latency_ms} of ${full}`);
    }
  }
  for (const { latency_ms } of await rowsOf({ latency: `${0.6 * full}ms`, evaluations: 4 })) {
    assert(Math.abs(latency_ms! - 0.6 * full) <= 0.03 * 0.6 * full);
  }
});

Deno.test("a front over latency has no row that another one beats in both loss and latency", async () => {
  const rows = await rowsOf({ method: "nsga2", tolerance: "60%", evaluations: 32 });
  const front = frontOf(rows, "latency_ms");
  front.forEach((row, i) => {
    assert(!rows.some((other) => other.latency_ms! <= row.latency_ms! && other.fitness < row.fitness));
    assert(i === 0 || front[i - 1]!.latency_ms! <= row.latency_ms! && front[i - 1]!.fitness >= row.fitness);
  });
});

Deno.test("a search over latency goes on from its rows and its model, through JSON, with the same rows", async () => {
  const whole = await rowsOf();
  const records = JSON.parse(JSON.stringify(whole.slice(0, 11)));
  const kept = JSON.parse(JSON.stringify(latencyModel));
  const resumed = await rowsOf({}, { records, latencyModel: kept });
  assertEquals(JSON.stringify(resumed), JSON.stringify(whole));
  await assertRejects(
    () => rowsOf({}, { records, latencyModel: undefined }),
    RangeError,
    "'latencyModel' must be the one that it began with, found none beside 11 records",
  );
});

Deno.test("a latency model beside another bin adds latencies to rows, and changes nothing else", async () => {
  const { latency: _, ...others } = options;
  const search = (inputs: SubNetworkSearchInputs) =>
    Array.fromAsync(searchSubNetworks(teacher, { ...others, params: "0.5x", evaluations: 6 }, inputs));
  const plain = await search({ tokens }), timed = await search({ tokens, latencyModel });
  assert(plain.every((row) => !("latency_ms" in row)));
  assert(timed.every((row) => row.latency_ms! > 0));
  assertEquals(timed.map(({ latency_ms: _, ...row }) => row), plain);
});

Deno.test("without a model sub-networks are measured, and the best and the teacher are measured in the end", async () => {
  const { submits } = device.counters;
  // Whatever is measured, the teacher itself lies in this bin.
  const reachable: SubNetworkSearchOptions = { ...options, latency: "0.9x", tolerance: "20%", evaluations: 3 };
  const search = await prepareSubNetworkSearch(teacher, reachable, { tokens });
  assert(device.counters.submits > submits + 20 * 3 * 3);
  const { latencyModel: model } = search;
  checkLatencyModel(model);
  assertEquals([model!.members, model!.device, model!.batch, model!.sequence], [
    20,
    describeDevice(device),
    1,
    sequence,
  ]);
  const rows = await Array.fromAsync(search.rows());
  for (const { latency_ms } of rows) assert(latency_ms! >= search.bin.least && latency_ms! <= search.bin.most);
  const { bytes } = device.counters;
  const found = await search.compareLatency(rows[0]!.genotype);
  assertEquals([found.predicted, device.counters.bytes], [rows[0]!.latency_ms, bytes]);
  for (const latency of [found.measured, found.teacher]) {
    assert(latency.minimum > 0 && latency.median >= latency.minimum);
  }
  assert(found.flops > 0 && model!.flops > 0);
});

Deno.test("all but the times of a latency model follows from the seed, and its memory is freed", async () => {
  const measure = (members: number) => measureLatencyModel(teacher, space, { members, seed: 2, batch: 2, sequence: 3 });
  await measure(2);
  const { bytes } = device.counters;
  const model = await measure(4);
  assertEquals(device.counters.bytes, bytes);
  assertEquals([model.members, model.batch, model.sequence], [4, 2, 3]);
  await assertRejects(() => measure(1), RangeError, "'members' must be a whole number of at least 2, found 1");
});

Deno.test("latencies that make no search are refused, before anything is measured", async () => {
  const refusals: [SubNetworkSearchOptions, typeof UsageError | RangeErrorConstructor, string][] = [
    [{ params: "0.5x" }, UsageError, "Cannot use --params and --latency together: the bin must be in one of them"],
    [{ budgetFlops: "0.5x" }, UsageError, "Cannot use --budget-flops and --latency together"],
    [{ latency: "0ms" }, UsageError, 'it must be above 0 and at most the teacher\'s, found "0ms"'],
    [{ latency: "0x" }, UsageError, 'it must be above 0 and at most the teacher\'s, found "0x"'],
    [{ latency: "1.5x" }, UsageError, 'it must be above 0 and at most the teacher\'s, found "1.5x"'],
    [{ latency: "3" }, UsageError, 'found "3"; write it like 3.2ms, or as a share like 0.5x'],
    [{ latency: "fast" }, UsageError, 'found "fast"'],
  ];
  const { submits } = device.counters;
  for (const [more, kind, reason] of refusals) {
    await assertRejects(() => rowsOf(more, { latencyModel: undefined }), kind, reason);
  }
  assertEquals(device.counters.submits, submits);
  await assertRejects(() => rowsOf({ latency: "1000ms" }), UsageError, "and at most the teacher's ");
  const least = predictLatency(latencyModel, space.smallest(), smallNeoX);
  await assertRejects(() => rowsOf({ latency: "0.01x" }), RangeError, `costs reach from ${least} to ${full}`);
  const broken = { ...latencyModel, meanError: NaN };
  await assertRejects(
    () => rowsOf({}, { latencyModel: broken }),
    RangeError,
    "Cannot use 'meanError' of the latency model",
  );
});
