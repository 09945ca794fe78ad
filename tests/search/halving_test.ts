import { assertEquals } from "@std/assert";
import { halve } from "../../lib/search/halving.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem } from "./small_problems.ts";

/** What eight candidates score at three levels; the level that is asked last knows best. */
const scores: Readonly<Record<string, readonly number[]>> = {
  ...{ a: [5, 1, 9], b: [1, 4, 3], c: [7, 0, 0], d: [2, 2, 4] },
  ...{ e: [3, 3, 1], f: [8, 0, 0], g: [4, 5, 0], h: [6, 0, 0] },
};

Deno.test("halving promotes the better half of each rung to the next, worked out by hand", () => {
  const asking = halve({ generation: 2, candidates: Object.keys(scores), levels: 3, keep: 0.5 });
  const questions = [];
  let asked = asking.next();
  while (!asked.done) {
    const { level, candidates } = asked.value;
    questions.push(asked.value);
    asked = asking.next({ fitnesses: candidates.map((name) => scores[name]![level]!), progress: 0 });
  }
  assertEquals(questions, [
    { generation: 2, level: 0, candidates: ["a", "b", "c", "d", "e", "f", "g", "h"] },
    { generation: 2, level: 1, candidates: ["b", "d", "e", "g"] },
    { generation: 2, level: 2, candidates: ["d", "e"] },
  ]);
  assertEquals(asked.value, [{ genotype: "e", fitness: 1 }, { genotype: "d", fitness: 4 }]);
});

Deno.test("halving keeps at least one candidate, and ties go to those that come first", () => {
  const asking = halve({ generation: 0, candidates: ["a", "b", "c"], levels: 3, keep: 0.1 });
  asking.next();
  const promoted = { generation: 0, level: 1, candidates: ["b"] };
  assertEquals(asking.next({ fitnesses: [1, 0, 0], progress: 0 }).value, promoted);
});

Deno.test("halving as a method begins each round with new members", async () => {
  const options = { method: "halving", generations: 3, population: 12, levels: 3, keep: 1 / 3 } as const;
  const rows = await Array.fromAsync(search(coarseProblem(), options));
  const rounds = Array.from({ length: 3 }, (_, generation) => rows.filter((row) => row.generation === generation));
  for (const round of rounds) {
    assertEquals(round.map(({ level }) => level), [...new Array(12).fill(0), 1, 1, 1, 1, 2]);
  }
  assertEquals(new Set(rows.filter(({ level }) => level === 0).map(({ hash }) => hash)).size, 36);
});
