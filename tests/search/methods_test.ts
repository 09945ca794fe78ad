import { assert, assertEquals, assertGreater, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { type MethodName, methodNames } from "../../lib/search/methods.ts";
import type { SearchOptions } from "../../lib/search/options.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, fineProblem, type JudgedProblem, membersInBin, tinyProblem } from "./small_problems.ts";

/** Runs a search of either problem to its end. */
async function run<G>(problem: JudgedProblem<G>, options: SearchOptions<G>) {
  const searching = search(problem, options);
  const rows = await Array.fromAsync(searching);
  return { rows, result: searching.result, asked: problem.objective.asked };
}

const climbing: readonly MethodName[] = ["evolution", "halving"];

Deno.test("every method evaluates members of the bin alone", async () => {
  for (const method of methodNames) {
    for (const problem of [coarseProblem(), fineProblem()] as JudgedProblem<unknown>[]) {
      const { least, most } = problem.bin!;
      const { rows } = await run(problem, { method, evaluations: 90, levels: 2 });
      assertEquals(rows.length, 90);
      for (const { genotype, cost } of rows) {
        assertEquals(cost, problem.cost(genotype));
        assert(cost >= least && cost <= most, `${method} left the bin: ${cost} is not in ${least} to ${most}`);
      }
    }
  }
});

Deno.test("without a bin every method searches the whole space", async () => {
  for (const method of methodNames) {
    const { rows } = await run(coarseProblem({ binned: false }), { method, evaluations: 120 });
    assertEquals(rows.length, 120);
    const costs = rows.map(({ cost }) => cost);
    assertGreater(Math.max(...costs) / Math.min(...costs), 4, method);
  }
});

Deno.test("no method has a genotype evaluated twice at a level, and each row is one evaluation", async () => {
  for (const method of methodNames) {
    const { rows, asked } = await run(coarseProblem(), {
      method,
      evaluations: 400,
      population: 10,
      levels: 3,
      seed: 2,
    });
    assertEquals(new Set(asked).size, 400);
    assertEquals(rows.map(({ level, genotype }) => `${level} ${genotype.join(" ")}`), asked);
    assertEquals(rows.map(({ evaluation }) => evaluation), asked.map((_, i) => i + 1));
  }
});

Deno.test("the same seed gives the same rows, whatever the objective takes at a time; another seed gives others", async () => {
  for (const method of methodNames) {
    const options = { method, evaluations: 70, levels: 2, seed: 5 };
    const { rows, result } = await run(fineProblem(), options);
    assertEquals(await run(fineProblem({ batch: 7 }), options).then(({ rows }) => rows), rows);
    assertEquals(await run(fineProblem(), options).then(({ result }) => result), result);
    const others = await run(fineProblem(), { ...options, seed: 6 });
    assertNotEquals(others.rows.map(({ hash }) => hash), rows.map(({ hash }) => hash));
  }
});

Deno.test("no method passes a limit, and each stops at it exactly", async () => {
  for (const method of methodNames) {
    for (const evaluations of [1, 23, 64]) {
      const { rows, result } = await run(coarseProblem({ batch: 5 }), {
        method,
        evaluations,
        population: 8,
        levels: 2,
      });
      assertEquals([rows.length, result.evaluated, result.ended], [evaluations, evaluations, "evaluations"]);
    }
    for (const flops of [10, 137, 500]) {
      const { rows, result } = await run(coarseProblem({ batch: 5 }), { method, flops, population: 8, levels: 2 });
      assertEquals(result.ended, "flops");
      assertEquals(rows.map(({ flops }) => flops), sums(rows.map(({ level }) => 10 ** level)));
      assertLessOrEqual(result.flops, flops);
      assertGreater(result.flops, flops - 10);
    }
    for (const generations of [1, 3]) {
      const { rows, result } = await run(coarseProblem(), { method, generations, population: 8 });
      assertEquals(result.ended, "generations");
      assertEquals([...new Set(rows.map(({ generation }) => generation))], [0, 1, 2].slice(0, generations));
      // The two elites of evolution are evaluated once.
      assertEquals(rows.length, 8 * generations - (method === "evolution" ? 2 * (generations - 1) : 0));
    }
  }
});

Deno.test("the first limit that is reached ends a search", async () => {
  const limits = { generations: 3, evaluations: 20, flops: 100 };
  const ends = [{ ...limits, flops: 12 }, { ...limits, evaluations: 15 }, { ...limits, generations: 1 }];
  const runs = await Promise.all(ends.map((options) => run(coarseProblem(), { ...options, population: 8 })));
  assertEquals(runs.map(({ result }) => result.ended), ["flops", "evaluations", "generations"]);
});

Deno.test("a bin that is used up ends every search, with all of its members evaluated at the highest level", async () => {
  for (const method of methodNames) {
    const members = membersInBin(tinyProblem());
    const { rows, result } = await run(tinyProblem(), {
      method,
      evaluations: 1000,
      population: 4,
      levels: 2,
      strata: 2,
    });
    assertEquals(result.ended, "exhausted", method);
    const highest = rows.filter(({ level }) => level === 1).map(({ genotype }) => genotype.join(" "));
    if (method !== "halving") {
      assertEquals(
        new Set(highest),
        new Set(members.map((member) => member.join(" "))),
        method,
      );
    }
    assertGreater(result.duplicates, 0);
  }
});

Deno.test("fitnesses of different levels are never compared: what is added to all of a level changes nothing", async () => {
  const offset = (level: number) => [0, 1e6, -1e6][level]!;
  for (const method of methodNames) {
    const options = { method, evaluations: 150, population: 10, levels: 3 };
    const { rows, result } = await run(coarseProblem(), options);
    const shifted = await run(coarseProblem({ offset }), options);
    assertEquals(shifted.rows.map(({ hash, level }) => [hash, level]), rows.map(({ hash, level }) => [hash, level]));
    assertEquals(rows.map(({ best }) => best), bestAfterOffsets(rows, () => 0));
    assertEquals(shifted.rows.map(({ best }) => best), bestAfterOffsets(rows, offset));
    assertEquals(shifted.result.best!.hash, result.best!.hash);
    assertEquals(new Set(rows.map(({ level }) => level)), new Set(climbing.includes(method) ? [0, 1, 2] : [2]));
  }
});

Deno.test("every method but the random ones begins with the members that it is given", async () => {
  const initial = membersInBin(coarseProblem()).filter((_, i) => i % 500 === 0);
  for (const method of methodNames) {
    const { rows } = await run(coarseProblem(), { method, evaluations: 10, population: 8, initial });
    const first = rows.slice(0, method === "local" ? 1 : initial.length).map(({ genotype }) => genotype);
    const given = initial.slice(0, first.length);
    if (method === "random" || method === "stratified") assertNotEquals(first, given);
    else assertEquals(first, given, method);
  }
});

function sums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => sum += value);
}

/** The column `best` by its definition, from fitnesses that have no offsets yet. */
function bestAfterOffsets(
  rows: readonly { readonly level: number; readonly fitness: number }[],
  offset: (level: number) => number,
): number[] {
  return rows.map((_, i) => {
    const before = rows.slice(0, i + 1);
    const highest = Math.max(...before.map(({ level }) => level));
    return Math.min(...before.filter(({ level }) => level === highest).map(({ fitness }) => fitness)) + offset(highest);
  });
}
