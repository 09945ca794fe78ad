import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { forwardFlopsPerToken } from "../../../lib/model/flops.ts";
import { logits } from "../../../lib/model/forward.ts";
import { Model } from "../../../lib/model/model.ts";
import { DivergenceJudge } from "../../../lib/search/judges/divergence.ts";
import { LossJudge } from "../../../lib/search/judges/loss.ts";
import { StudentObjective } from "../../../lib/search/student_objective.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { Draws } from "../../../lib/draws.ts";
import { searchSpace } from "../../../lib/subnet/search_space.ts";
import { subNetworkForwardFlopsPerToken } from "../../../lib/subnet/counts.ts";
import { integers } from "../../ops/harness.ts";
import { largeParameters, smallNeoX as config } from "../../model/small_neox.ts";

const { sequence, vocabularySize: vocabulary } = config;
const tokens = Uint32Array.from(integers("text", 60 * sequence, vocabulary));
const levels = [4 * sequence, 10 * sequence];
const member = searchSpace("fine-layerwise", dimensionsOf(config)).sample(new Draws(1, "student"));

/** KL(p‖q) of rows of logits in double precision, summed. */
function divergenceOf(teacher: Float32Array, student: Float32Array): number {
  let sum = 0;
  for (let row = 0; row < teacher.length; row += vocabulary) {
    const logOf = (all: Float32Array) => {
      const row_ = [...all.subarray(row, row + vocabulary)];
      const normaliser = Math.log(row_.reduce((total, z) => total + Math.exp(z), 0));
      return row_.map((z) => z - normaliser);
    };
    const [p, q] = [logOf(teacher), logOf(student)];
    sum += p.reduce((total, logP, v) => total + Math.exp(logP) * (logP - q[v]!), 0);
  }
  return sum;
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a student's divergence is the mean KL of its distribution from the teacher's (${kind})`, async () => {
    using teacher = await Model.create(device, config, largeParameters(config));
    const judge = await DivergenceJudge.create(teacher, { tokens, sequence, levels });
    using student = await extract(teacher, member);
    for (const [level, windows] of [[0, 4], [1, 10]] as const) {
      // Windows lie evenly over the 59 that have a next token each.
      const rows = Array.from({ length: windows }, (_, i) => Math.floor(i * 59 / windows) * sequence)
        .map((start) => [...tokens.subarray(start, start + sequence)]);
      const expected = divergenceOf(await logits(teacher, rows), await logits(student, rows)) / (windows * sequence);
      assertAlmostEquals(await judge.judge(student, level), expected, 1e-5 * expected);
    }
  });

  Deno.test(`the teacher does not diverge from itself, and judging changes nobody (${kind})`, async () => {
    using teacher = await Model.create(device, config, largeParameters(config));
    const judge = await DivergenceJudge.create(teacher, { tokens, sequence, levels });
    using student = await extract(teacher, member);
    const first = await judge.judge(student, 0);
    assert(first > 0.01);
    assertAlmostEquals(await judge.judgeTeacher(0), 0, 1e-6);
    assertAlmostEquals(await judge.judge(student, 0), first, 0);
  });
}

Deno.test("a divergence costs the student's pass and the teacher's logits, the teacher's own pass once", async () => {
  using device = await openDevice("cpu", { threads: 0 });
  using teacher = await Model.create(device, config, largeParameters(config));
  const judge = await DivergenceJudge.create(teacher, { tokens, sequence, levels });
  const output = 2 * config.width * vocabulary;
  assertAlmostEquals(judge.preparation, 14 * sequence * (forwardFlopsPerToken(config) - output), 0);
  const own = subNetworkForwardFlopsPerToken(member, config, sequence);
  assertAlmostEquals(new StudentObjective(teacher, judge).price(member, 1), 10 * sequence * (own + output), 0);
  const plain = new LossJudge(teacher, { tokens, sequence, levels });
  assertAlmostEquals(new StudentObjective(teacher, plain).price(member, 0), 4 * sequence * own, 0);
  assertThrows(
    () => new LossJudge(teacher, { tokens, sequence, levels: [sequence - 1] }),
    RangeError,
    `calibration tokens must be at least one window of ${sequence}, found ${sequence - 1}`,
  );
});
