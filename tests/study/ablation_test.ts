import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ablationsOf } from "../../lib/study/ablation.ts";
import type { Arm } from "../../lib/study/arms.ts";
import { nameOf } from "../../lib/study/arms.ts";
import type { CellResult } from "../../lib/study/results.ts";

function result(arm: Arm, loss: number, fields: Partial<CellResult> = {}): CellResult {
  return {
    ...{ arm: nameOf(arm), ...arm, seed: 1, steps: 1, lr: 1, tokens: 1000, loss, bits_per_byte: loss / 2.5 },
    ...{ untrained_loss: 7, parameters: 100, seconds: 1, training_flops: 1, teacher_flops: 0, start_flops: 0 },
    ...fields,
  };
}

const plain = (start: Arm["start"]): Arm => ({ start, lesson: "plain" });

Deno.test("a part is worth the mean difference of the seeds that both arms have", () => {
  const results = [
    result(plain("random"), 4, { seed: 1 }),
    result(plain("random"), 4.2, { seed: 2 }),
    result(plain("random"), 9, { seed: 3 }),
    result(plain("prefix"), 3, { seed: 1 }),
    result(plain("prefix"), 3.6, { seed: 2 }),
    result(plain("prefix"), 2, { seed: 1, tokens: 2000 }),
  ];
  const [effect, ...others] = ablationsOf(results);
  assertEquals(others, []);
  assertEquals([effect!.part, effect!.with, effect!.without, effect!.tokens], [
    "inheritance",
    "prefix",
    "random",
    1000,
  ]);
  assertEquals(effect!.seeds, [1, 2]);
  assertAlmostEquals(effect!.difference, -0.8, 1e-12);
});

Deno.test("each lesson is compared with the same start without it", () => {
  const arms: Arm[] = [plain("principal"), { start: "principal", lesson: "online" }, {
    start: "principal",
    lesson: "store",
  }];
  const found = ablationsOf(arms.map((arm, i) => result(arm, 3 - i / 10)));
  assertEquals(found.map(({ part, with: own, without }) => [part, own, without]), [
    ["distillation online", "principal+online", "principal"],
    ["distillation from a store", "principal+store", "principal"],
  ]);
});
