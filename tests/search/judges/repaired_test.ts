import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../../lib/devices/mod.ts";
import { Draws } from "../../../lib/draws.ts";
import { Evaluator } from "../../../lib/evaluate/loss.ts";
import { forwardFlopsPerToken, hiddenFlopsPerToken } from "../../../lib/model/flops.ts";
import { Model } from "../../../lib/model/model.ts";
import { calibrationWindows, inherit } from "../../../lib/pipeline/inherit.ts";
import { RepairedJudge } from "../../../lib/search/judges/repaired.ts";
import type { SubNetworkSearchOptions } from "../../../lib/search/sub_network_config.ts";
import { searchSubNetworks } from "../../../lib/search/prepare.ts";
import { StudentObjective } from "../../../lib/search/student_objective.ts";
import { dimensionsOf } from "../../../lib/subnet/dimensions.ts";
import { extract } from "../../../lib/subnet/extract.ts";
import { searchSpace } from "../../../lib/subnet/search_space.ts";
import { onEach } from "../../devices/on_each.ts";
import { largeParameters, smallNeoX as config } from "../../model/small_neox.ts";
import { integers } from "../../ops/harness.ts";

const { sequence } = config;
const tokens = Uint32Array.from(integers("text", 80 * sequence, config.vocabularySize));
const repairing = tokens.subarray(0, 40 * sequence), judging = tokens.subarray(40 * sequence);
const options = { tokens, sequence, levels: [8 * sequence, 40 * sequence] };
const member = searchSpace("fine-layerwise", dimensionsOf(config)).sample(new Draws(2, "student"));

/** The loss on so many windows of the text that judges. */
async function lossOf(model: Model, windows: number): Promise<number> {
  using evaluator = await Evaluator.create(model, {
    ...{ tokens: judging, sequence, bytesPerToken: 1, batch: windows, limit: windows * sequence },
  });
  return (await evaluator.evaluate()).loss;
}

onEach("a repaired student is judged as one that inherits by half of the text, on the other half", async (device) => {
  using teacher = await Model.create(device, config, largeParameters(config));
  const judge = await RepairedJudge.create(teacher, options);
  for (const [level, windows] of [[0, 4], [1, 20]] as const) {
    const repair = calibrationWindows(repairing, sequence, windows * sequence);
    assertEquals(repair.length, windows);
    using expected = (await inherit(teacher, member, { norms: "rescale", refit: true, windows: repair })).student;
    using student = await extract(teacher, member);
    const untouched = await lossOf(student, windows);
    const found = await judge.judge(student, level, member);
    assertAlmostEquals(found, await lossOf(expected, windows), 1e-5 * found);
    assert(Math.abs(found - untouched) > 1e-3, `${untouched}, repaired ${found}`);
    assertAlmostEquals(await judge.judgeTeacher(level), await lossOf(teacher, windows), 1e-6 * found);
  }
});

const device = await openDevice("cpu", { threads: 1 });
Deno.test.afterAll(() => device[Symbol.dispose]());
const teacher = await Model.create(device, config, largeParameters(config));

Deno.test("each repair of the same student is the same, and the teacher stays as it is", async () => {
  const before = await teacher.parameters();
  const objective = new StudentObjective(teacher, await RepairedJudge.create(teacher, options));
  const [first, second] = await objective.evaluate([member, member], 1);
  assertEquals(first, second);
  assertEquals(await teacher.parameters(), before);
});

Deno.test("judging costs the repair without the teacher's pass, which is paid once, and a pass of the student", async () => {
  const judge = await RepairedJudge.create(teacher, options);
  assertEquals(judge.preparation, 24 * sequence * hiddenFlopsPerToken(config));
  const windows = calibrationWindows(repairing, sequence, 20 * sequence);
  const { student, flops } = await inherit(teacher, member, { norms: "rescale", refit: true, windows });
  using _ = student;
  const repair = flops - 20 * sequence * hiddenFlopsPerToken(config);
  const judged = 20 * sequence * forwardFlopsPerToken(student.config);
  const price = new StudentObjective(teacher, judge).price(member, 1);
  assertAlmostEquals(price, repair + judged, 1e-9 * price);
});

Deno.test("a search that is judged by repaired students goes on from its first rows as if it had never stopped", async () => {
  const settings: SubNetworkSearchOptions = {
    ...{ fitness: "repaired", params: "0.5x", tolerance: "5%", steps: "width=2,mlp=2", population: 4, evaluations: 8 },
    calibrationTokens: `${8 * sequence}`,
  };
  const whole = await Array.fromAsync(searchSubNetworks(teacher, settings, { tokens }));
  const records = JSON.parse(JSON.stringify(whole.slice(0, 5)));
  assertEquals(await Array.fromAsync(searchSubNetworks(teacher, settings, { tokens, records })), whole);
  const { genotype, fitness } = whole[0]!;
  const judge = await RepairedJudge.create(teacher, { tokens, sequence, levels: [8 * sequence] });
  assertEquals(await new StudentObjective(teacher, judge).evaluate([genotype], 0), [fitness]);
});

Deno.test("less than a window to repair by and one to judge by is refused", async () => {
  await assertRejects(
    () => RepairedJudge.create(teacher, { ...options, levels: [2 * sequence - 1] }),
    RangeError,
    `must be at least two windows of ${sequence}, one to repair by and one to judge by, found ${2 * sequence - 1}`,
  );
});
