import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { StartName } from "../../lib/study/arms.ts";
import { correlationsOf } from "../../lib/study/correlation.ts";
import type { CellResult } from "../../lib/study/results.ts";

function run(start: StartName, untrained_loss: number, loss: number, fields: Partial<CellResult> = {}): CellResult {
  return {
    ...{ arm: start, start, lesson: "plain", seed: 1, steps: 1, lr: 1, tokens: 1000, loss, untrained_loss },
    ...{ bits_per_byte: 1.6, parameters: 100, seconds: 1, training_flops: 600, teacher_flops: 0, start_flops: 0 },
    ...fields,
  };
}

const four = [
  ...[run("prefix", 4, 3.4), run("spaced", 3, 3.2), run("importance", 2, 3.3), run("principal", 1, 3.1)],
];

Deno.test("losses before and after training are correlated by their ranks, budget by budget", () => {
  const later = four.map((each) => ({ ...each, tokens: 2000, loss: -each.loss }));
  const found = correlationsOf([...later, ...four]);
  assertEquals(found.map(({ of, tokens, students }) => [of, tokens, students]), [
    ["untrained_loss", 1000, 4],
    ["untrained_loss", 2000, 4],
  ]);
  // Ranks 4 3 2 1 beside 4 2 3 1: 1 - 6 * 2 / (4 * 15).
  assertAlmostEquals(found[0]!.spearman, 0.8, 1e-12);
  assertAlmostEquals(found[1]!.spearman, -0.8, 1e-12);
});

Deno.test("a student that several seeds train counts once, one that is searched for counts with each", () => {
  const again = [2, 3].map((seed) => run("prefix", 4, 0, { seed }));
  const evolved = [1, 2].map((seed) => run("evolved-fine-uniform", 5 + seed, 3.4 + seed, { seed }));
  const [found] = correlationsOf([...four, ...again, ...evolved]);
  assertEquals(found!.students, 6);
  // The mean of the first student is now the lowest: ranks 4 3 2 1 5 6 beside 1 3 4 2 5 6.
  assertAlmostEquals(found!.spearman, 1 - 6 * (9 + 0 + 4 + 1) / (6 * 35), 1e-12);
});

Deno.test("what a search judged by is correlated for students that a search found, and not for a draw", () => {
  const names = ["evolved-coarse-uniform", "evolved-coarse-layerwise", "evolved-fine-uniform"] as const;
  const drawn = run("random-fine", 5, 3.7, { fitness: 7 });
  const three = names.map((name, i) => run(name, i, 3.3 - i / 10, { fitness: 4 + i }));
  const ofFitness = (rows: CellResult[]) => correlationsOf(rows).filter(({ of }) => of === "fitness");
  assertEquals(ofFitness([drawn, ...three]), []);
  const [found] = ofFitness([drawn, ...three, run("evolved-fine-layerwise", 3, 3, { fitness: 7 })]);
  assertEquals([found!.students, found!.spearman], [4, -1]);
});

Deno.test("students of random weights and those that are taught have no part in it", () => {
  const others = [run("random", 7, 1), run("evolved-shape", 7, 1), run("prefix", 9, 1, { lesson: "online" })];
  assertEquals(correlationsOf([...four, ...others])[0]!.students, 4);
});

Deno.test("three students say nothing of an order", () => {
  assertEquals(correlationsOf(four.slice(1)), []);
});
