import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Model } from "../../../lib/model/model.ts";
import { RepairedJudge } from "../../../lib/search/judges/repaired.ts";
import { StudentObjective } from "../../../lib/search/student_objective.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { rescaleNorms } from "../../../lib/subnet/repair/norms.ts";
import { refitProjections } from "../../../lib/subnet/repair/projections.ts";
import { teacherStreams } from "../../../lib/subnet/repair/streams.ts";
import { countCalls } from "../../devices/webgpu/count_calls.ts";
import { largeParameters, randomTokens, smallNeoX } from "../../model/small_neox.ts";
import { upTo } from "../random_sub_network.ts";

const config = { ...smallNeoX, layers: 3 };
const { groups, headSize } = dimensionsOf(config);
const block = { groups: upTo(groups), headsInGroup: [0], headDims: upTo(headSize), mlp: upTo(24) };
const subNetwork = { layers: [0, 1, 2], width: upTo(16), blocks: [block, block, block] };
const device = await openDevice("webgpu");
Deno.test.afterAll(() => device[Symbol.dispose]());
const teacher = await Model.create(device, config, largeParameters(config));

for (const parallelResidual of [true, false]) {
  const form = parallelResidual ? "parallel" : "sequential";
  Deno.test(`a refit waits once for each block, and brings back no activations (${form})`, async () => {
    using teacher = await Model.create(device, { ...config, parallelResidual }, largeParameters(config));
    const streams = await teacherStreams(teacher, randomTokens(config, 8, config.sequence));
    using student = await extract(teacher, subNetwork);
    await refitProjections(teacher, student, subNetwork, streams); // what inputs go through grows to the largest
    const before = { ...device.counters };
    using counted = countCalls();
    await refitProjections(teacher, student, subNetwork, streams);
    assertEquals([counted.calls["mapAsync"], counted.calls["onSubmittedWorkDone"]], [3, undefined]);
    assertEquals(device.counters.waits - before.waits, 3);
    assertEquals(device.counters.submits - before.submits, 3);
    // A submission of a copy would be one that the device does not count.
    assertEquals(counted.calls["submit"], 3);
    assertEquals(device.counters.bytes, before.bytes);
  });
}

Deno.test("rescaling norms waits once, for the student's parameters", async () => {
  const streams = await teacherStreams(teacher, randomTokens(config, 2, config.sequence));
  using student = await extract(teacher, subNetwork);
  using counted = countCalls();
  await rescaleNorms(teacher, student, subNetwork, streams);
  assertEquals([counted.calls["mapAsync"], counted.calls["onSubmittedWorkDone"]], [1, undefined]);
});

Deno.test("to judge a repaired student, the host waits for its norms, for each block and for the loss", async () => {
  const { sequence } = config;
  const tokens = Uint32Array.from(randomTokens(config, 17, sequence).flat());
  const judge = await RepairedJudge.create(teacher, { tokens, sequence, levels: [8 * sequence] });
  const objective = new StudentObjective(teacher, judge);
  using counted = countCalls();
  const [loss] = await objective.evaluate([subNetwork], 0);
  assert(Number.isFinite(loss));
  assertEquals([counted.calls["mapAsync"], counted.calls["onSubmittedWorkDone"]], [1 + 3 + 1, undefined]);
});
