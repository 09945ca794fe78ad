import { assert, assertEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Model } from "../../lib/model/model.ts";
import { TrainedJudge } from "../../lib/search/judges/trained.ts";
import { rankCorrelation } from "../../lib/search/rank_correlation.ts";
import { StudentObjective } from "../../lib/search/student_objective.ts";
import { prepareSubNetworkSearch } from "../../lib/search/prepare.ts";
import { correlateWithTraining } from "../../lib/search/training_correlation.ts";
import { integers } from "../ops/harness.ts";
import { largeParameters, smallNeoX as config } from "../model/small_neox.ts";

const { sequence } = config;
const tokens = Uint32Array.from(integers("text", 400 * sequence, config.vocabularySize));
const device = await openDevice("cpu", { threads: 1 });
const teacher = await Model.create(device, config, largeParameters(config));
Deno.test.afterAll(() => device[Symbol.dispose]());

const settings = {
  ...{ params: "0.5x", tolerance: "5%", steps: "width=2,mlp=2", population: 8, evaluations: 11, seed: 3 },
  ...{ trainingTokens: `${16 * sequence}`, calibrationTokens: `${8 * sequence}` },
};
const search = await prepareSubNetworkSearch(teacher, settings, { tokens });
const rows = await Array.fromAsync(search.rows());

Deno.test("candidates from the best to the worst are trained, and their ranks correlated", async () => {
  const found = await correlateWithTraining(teacher, rows, { config: search.config, tokens, count: 6 });
  const ordered = rows.toSorted((a, b) => a.fitness - b.fitness);
  const chosen = [0, 2, 4, 6, 8, 10].map((rank) => ordered[rank]!);
  assertEquals(found.candidates.map(({ hash }) => hash), chosen.map(({ hash }) => hash));
  const judge = new TrainedJudge(teacher, {
    ...{ tokens, sequence, levels: [16 * sequence], calibrationTokens: 8 * sequence, lr: 1e-3, seed: 3 },
  });
  const losses = await new StudentObjective(teacher, judge).evaluate(chosen.map(({ genotype }) => genotype), 0);
  assertEquals(found.candidates.map(({ trained }) => trained), losses);
  const { spearman, kendall } = rankCorrelation(chosen.map(({ fitness }) => fitness), losses);
  assertEquals([found.spearman, found.kendall, found.trainingTokens], [spearman, kendall, 16 * sequence]);
  assert(found.flops > 0);
});

Deno.test("fewer than three candidates say nothing of an order", async () => {
  for (const [some, count] of [[rows, 2], [rows.slice(0, 2), 6]] as const) {
    await assertRejects(
      () => correlateWithTraining(teacher, some, { config: search.config, tokens, count }),
      RangeError,
      "at least 3 candidates of the highest rung must be trained, found 2",
    );
  }
});

for (const fitness of ["kl", "trained"] as const) {
  Deno.test(`a search judges by ${fitness} alone, and compares its best with the teacher`, async () => {
    const prepared = await prepareSubNetworkSearch(teacher, { ...settings, fitness, evaluations: 9 }, { tokens });
    const judged = await Array.fromAsync(prepared.rows());
    assertEquals(judged.length, 9);
    const known = new Map(rows.map(({ hash, fitness }) => [hash, fitness]));
    const both = judged.filter(({ hash }) => known.has(hash));
    assert(both.length > 0 && both.every(({ hash, fitness }) => fitness !== known.get(hash)));
    const { teacher: itself } = await prepared.compare(0);
    if (fitness === "kl") assert(Math.abs(itself) < 1e-6, `${itself}`);
    else assert(itself > 0.1);
  });
}
