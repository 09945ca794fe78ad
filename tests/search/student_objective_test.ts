import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Draws } from "../../lib/draws.ts";
import { Model } from "../../lib/model/model.ts";
import { DivergenceJudge } from "../../lib/search/judges/divergence.ts";
import type { Judge } from "../../lib/search/judges/judge.ts";
import { LossJudge } from "../../lib/search/judges/loss.ts";
import { RepairedJudge } from "../../lib/search/judges/repaired.ts";
import { TrainedJudge } from "../../lib/search/judges/trained.ts";
import { StudentObjective } from "../../lib/search/student_objective.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { evenlySpacedOf, prefixOf } from "../../lib/subnet/orders.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import { largeParameters, smallNeoX as config } from "../model/small_neox.ts";
import { integers } from "../ops/harness.ts";

const { sequence } = config;
const tokens = Uint32Array.from(integers("text", 400 * sequence, config.vocabularySize));
const calibration = { tokens, sequence, levels: [4 * sequence] };
const JUDGES: Record<string, (teacher: Model) => Judge | Promise<Judge>> = {
  "their loss": (teacher) => new LossJudge(teacher, calibration),
  "their divergence": (teacher) => DivergenceJudge.create(teacher, calibration),
  "their loss once repaired": (teacher) => RepairedJudge.create(teacher, calibration),
  "a short training": (teacher) =>
    new TrainedJudge(teacher, { tokens, sequence, levels: [32 * sequence], calibrationTokens: 4 * sequence }),
};

for (const [what, judgeOf] of Object.entries(JUDGES)) {
  for (const kind of ["webgpu", "cpu"] as const) {
    Deno.test(`candidates of one shape compile nothing new and leave nothing behind, judged by ${what} (${kind})`, async () => {
      using device = await openDevice(kind);
      using teacher = await Model.create(device, config, largeParameters(config));
      const objective = new StudentObjective(teacher, await judgeOf(teacher));
      const space = searchSpace("fine-layerwise", dimensionsOf(config));
      const sizes = { width: 16, blocks: Array(2).fill({ groups: 2, headsInGroup: 1, headDims: 8, mlp: 24 }) };
      const [first, second] = [prefixOf(sizes, space), evenlySpacedOf(sizes, space)];
      const [loss] = await objective.evaluate([first], 0);
      const { pipelines, bytes } = { ...device.counters };
      const [other] = await objective.evaluate([second], 0);
      assertNotEquals(other, loss);
      assertEquals([device.counters.pipelines, device.counters.bytes], [pipelines, bytes]);
    });
  }
}

Deno.test("students that are judged at the same time are judged as each of them alone, and leave nothing behind", async () => {
  using device = await openDevice("webgpu");
  using teacher = await Model.create(device, config, largeParameters(config));
  const space = searchSpace("fine-layerwise", dimensionsOf(config));
  const draws = new Draws(1, "at once");
  const students = Array.from({ length: 5 }, () => space.sample(draws));
  for (const what of ["their loss", "their loss once repaired"]) {
    const objective = new StudentObjective(teacher, await JUDGES[what]!(teacher));
    assertEquals(objective.batch, 3);
    const alone: number[] = [];
    for (const student of students) alone.push(...await objective.evaluate([student], 0));
    await objective.evaluate(students, 0); // what inputs go through grows to the largest
    const { bytes } = device.counters;
    assertEquals(await objective.evaluate(students, 0), alone);
    assertEquals(device.counters.bytes, bytes);
  }
});

Deno.test("a student that cannot be judged is heard of once those beside it are freed", async () => {
  using device = await openDevice("cpu", { threads: 1 });
  using teacher = await Model.create(device, config, largeParameters(config));
  let failing = false, judged = 0;
  const judge: Judge = {
    ...{ sequence, preparation: 0, atOnce: 3, judgeTeacher: () => Promise.resolve(0), price: () => 0 },
    async judge() {
      if (failing && ++judged === 1) throw new Error("the first one fails");
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 0;
    },
  };
  const space = searchSpace("fine-layerwise", dimensionsOf(config));
  const students = Array.from({ length: 3 }, () => space.largest());
  const objective = new StudentObjective(teacher, judge);
  await objective.evaluate(students, 0);
  const { bytes } = device.counters;
  failing = true;
  await assertRejects(() => objective.evaluate(students, 0), Error, "the first one fails");
  assertEquals([judged, device.counters.bytes - bytes], [3, 0]);
});
