import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import type { SearchOptions } from "../../lib/search/options.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, fineProblem, type JudgedProblem, membersInBin } from "./small_problems.ts";

const SEEDS = 20;

/** The lowest fitness that each of 20 seeds finds, in ascending order. */
async function bestOfSeeds<G>(make: () => JudgedProblem<G>, options: SearchOptions<G>): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const rows = await Array.fromAsync(search(make(), { ...options, seed }));
    found.push(rows.at(-1)!.best);
  }
  return found.sort((a, b) => a - b);
}

async function enumerated<G>(problem: JudgedProblem<G>): Promise<number[]> {
  return await problem.objective.evaluate(membersInBin(problem), 0);
}

Deno.test("evolution finds the best member of the bin in a fifth of the evaluations that listing all takes", async () => {
  const all = await enumerated(coarseProblem());
  const best = Math.min(...all);
  const found = await bestOfSeeds(coarseProblem, { evaluations: Math.floor(all.length / 5) });
  assertGreaterOrEqual(found.filter((fitness) => fitness === best).length, 18);
});

Deno.test("evolution over free subsets finds the best member in a tenth of the evaluations", async () => {
  const all = await enumerated(fineProblem());
  const best = Math.min(...all);
  const found = await bestOfSeeds(fineProblem, { evaluations: Math.floor(all.length / 10) });
  assertGreaterOrEqual(found.filter((fitness) => fitness === best).length, 18);
});

Deno.test("evolution's median beats random search's at an equal budget", async () => {
  for (const make of [coarseProblem, fineProblem] as (() => JudgedProblem<unknown>)[]) {
    const evolved = await bestOfSeeds(make, { evaluations: 100 });
    const drawn = await bestOfSeeds(make, { evaluations: 100, method: "random" });
    assertLess(evolved[SEEDS / 2]!, drawn[SEEDS / 2]!);
  }
});

Deno.test("evolution climbs the ladder with its generations, and evaluates survivors again on each rung", async () => {
  const options = { generations: 9, population: 10, elites: 3, levels: 3 };
  const rows = await Array.fromAsync(search(coarseProblem(), options));
  assertEquals(
    new Map(rows.map(({ generation, level }) => [generation, level])),
    new Map(
      [0, 0, 0, 1, 1, 1, 2, 2, 2].entries(),
    ),
  );
  const sizes = Array.from({ length: 9 }, (_, i) => rows.filter(({ generation }) => generation === i).length);
  assertEquals(sizes, [10, 7, 7, 10, 7, 7, 10, 7, 7]);
  for (const generation of [3, 6]) {
    const before = rows.filter((row) => row.generation < generation && row.level === generation / 3 - 1)
      .sort((a, b) => a.fitness - b.fitness).slice(0, 3);
    const again = rows.filter((row) => row.generation === generation).slice(0, 3);
    assertEquals(again.map(({ hash }) => hash), before.map(({ hash }) => hash));
  }
});

Deno.test("a ladder under a budget of FLOPs spends about as much on each rung", async () => {
  const rows = await Array.fromAsync(search(coarseProblem(), { flops: 6000, population: 10, levels: 3 }));
  for (const level of [0, 1, 2]) {
    const spent = rows.filter((row) => row.level === level).length * 10 ** level;
    assert(spent >= 1000 && spent <= 3000, `level ${level} took ${spent} of 6000`);
  }
});

Deno.test("evolution with neither mutation after crossover nor a single parent still finds new children", async () => {
  const options = { evaluations: 100, population: 10, elites: 1, mutation: 0, crossover: 1 };
  const rows = await Array.fromAsync(search(coarseProblem(), options));
  assertEquals(new Set(rows.map(({ hash }) => hash)).size, 100);
});
