import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { findReference } from "../../lib/pipeline/reference.ts";
import { describeReference } from "../../lib/pipeline/result.ts";

const folder = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));
const path = `${folder}/summary.json`;
const compared = { corpus: "sotu", tokens: 1_000_000, studentParameters: 1020, teacherParameters: 4000 };
const budget = (tokens: number, loss_mean: number) => ({
  ...{ tokens, loss_mean, loss_std: 0.01 },
  ...{ tokens_to_match: null, flops_to_match: null },
});
const summary = {
  ...{ reference: "random", student_parameters: 1000, teacher_parameters: 4000, corpus: "sotu" },
  arms: {
    random: {
      seeds: 3,
      budgets: [budget(500_000, 4.5), budget(980_000, 4), budget(990_000, 3.9), budget(1_020_000, 3.8)],
    },
    full: { seeds: 3, budgets: [budget(1_000_000, 3.2)] },
  },
};

Deno.test("the reference is the study's arm of that name at the nearest budget, and says where it stands", async () => {
  await Deno.writeTextFile(path, JSON.stringify(summary));
  const reference = await findReference(compared, path);
  assertEquals(reference, {
    ...{ arm: "random", parameters: 1000, tokens: 990_000, loss: 3.9, deviation: 0.01, seeds: 3, source: path },
  });
  assertEquals(
    describeReference(reference!),
    "a random start of 1,000 parameters had reached 3.900 +- 0.010 nats a token with 990,000 tokens (3 seeds), in the " +
      `shipped study, ${path}`,
  );
});

Deno.test("a budget that one seed has had yet has no deviation", async () => {
  const random = { seeds: [1, 2], budgets: [{ ...budget(1_000_000, 3.9), loss_std: 0, runs: 1 }] };
  await Deno.writeTextFile(path, JSON.stringify({ ...summary, arms: { random } }));
  const reference = await findReference(compared, path);
  assertEquals([reference!.seeds, reference!.deviation], [1, undefined]);
  assertEquals(describeReference(reference!).includes("3.900 nats a token with 1,000,000 tokens (1 seed)"), true);
});

Deno.test("there is no reference of another corpus, teacher, size or budget, nor without a study", async () => {
  await Deno.writeTextFile(path, JSON.stringify(summary));
  for (
    const other of [{ corpus: "texts" }, { tokens: 700_000 }, { studentParameters: 1100 }, { teacherParameters: 4001 }]
  ) {
    assertEquals(await findReference({ ...compared, ...other }, path), undefined, JSON.stringify(other));
  }
  await Deno.writeTextFile(path, JSON.stringify({ ...summary, arms: { full: summary.arms.full } }));
  assertEquals(await findReference(compared, path), undefined);
});

Deno.test("a damaged study is refused by name", async () => {
  await Deno.writeTextFile(path, JSON.stringify({ ...summary, corpus: 3 }));
  const error = await assertRejects(() => findReference(compared, path), FileError);
  assertEquals(error.message.startsWith(`Cannot read '${path}': it must hold a study's results: corpus: `), true);
});
