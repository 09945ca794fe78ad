import { assertEquals, assertNotEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
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
