import { assert, assertEquals, assertThrows } from "@std/assert";
import { Batches } from "../../../lib/data/batches.ts";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Draws } from "../../../lib/draws.ts";
import { Evaluator } from "../../../lib/evaluate/loss.ts";
import { Model } from "../../../lib/model/model.ts";
import { TrainedJudge, type TrainedJudgeOptions } from "../../../lib/search/judges/trained.ts";
import { StudentObjective } from "../../../lib/search/student_objective.ts";
import { subNetworkForwardFlopsPerToken } from "../../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { searchSpace } from "../../../lib/subnet/search_space.ts";
import { TrainingStep } from "../../../lib/train/training_step.ts";
import { largeParameters, smallNeoX as config } from "../../model/small_neox.ts";

const { sequence } = config;
const batch = 2;
/** Text that can be learnt: every token follows from the one before. */
const tokens = Uint32Array.from({ length: 2000 }, (_, i) => (i * i) % 7 + i % 5);
const options: TrainedJudgeOptions = {
  ...{ tokens, sequence, batch, lr: 0.01, seed: 3, calibrationTokens: 8 * sequence },
  levels: [20 * batch * sequence, 60 * batch * sequence],
};
const member = searchSpace("fine-layerwise", dimensionsOf(config)).sample(new Draws(2, "student"));

const device = await openDevice("cpu", { threads: 1 });
const teacher = await Model.create(device, config, largeParameters(config));
Deno.test.afterAll(() => device[Symbol.dispose]());

async function lossOf(model: Model): Promise<number> {
  const judged = tokens.subarray(1900);
  using evaluator = await Evaluator.create(model, {
    ...{ tokens: judged, sequence, bytesPerToken: 1, batch: 8, limit: 8 * sequence },
  });
  return (await evaluator.evaluate()).loss;
}

Deno.test("a trained student is judged by its loss after so many steps, on text that it was not trained on", async () => {
  const judge = new TrainedJudge(teacher, options);
  using student = await extract(teacher, member);
  using other = await extract(teacher, member);
  const found = await judge.judge(student, 0);
  assertEquals(found, await lossOf(student));
  const batches = new Batches(tokens.subarray(0, 1900), { batch, sequence, seed: 3 });
  {
    using step = await TrainingStep.create(other, {
      ...{ microBatch: batch, accumulation: 1, sequence, clip: 1, pending: 20 },
      ...{ beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 },
    });
    // 20 steps: two warm up, 18 fall to nothing.
    for (let i = 0; i < 20; i++) step.submit([batches.batch(i)], 0.01 * (i < 2 ? (i + 1) / 3 : (20 - i) / 18), i + 1);
    await step.drain();
  }
  assertEquals(await student.parameters(), await other.parameters());
});

Deno.test("longer training judges lower, the same each time, and the teacher is not trained", async () => {
  const objective = new StudentObjective(teacher, new TrainedJudge(teacher, options));
  const untrained = await lossOf(await extract(teacher, member));
  const [short] = await objective.evaluate([member], 0);
  const [long] = await objective.evaluate([member], 1);
  assert(long! < short! && short! < untrained, `${untrained}, then ${short}, then ${long}`);
  assertEquals(await objective.evaluate([member, member], 0), [short, short]);
  const before = await teacher.parameters();
  assertEquals(await new TrainedJudge(teacher, options).judgeTeacher(), await lossOf(teacher));
  assertEquals(await teacher.parameters(), before);
});

Deno.test("training costs three forward passes a token, judging one", () => {
  const objective = new StudentObjective(teacher, new TrainedJudge(teacher, options));
  const forward = subNetworkForwardFlopsPerToken(member, config, sequence);
  assertEquals(objective.price(member, 1), forward * (3 * 60 * batch * sequence + 8 * sequence));
});

Deno.test("training on less than a step, or less than the rung before, is refused", () => {
  const refused = (levels: number[], message: string) =>
    assertThrows(() => new TrainedJudge(teacher, { ...options, levels }), RangeError, message);
  refused([batch * sequence - 1], `training tokens must be at least one step of 2 x ${sequence}, found 13`);
  refused([100, 50], "training tokens must be more at each level, found 100, 50");
  refused([], "training tokens must be given, found none");
});
