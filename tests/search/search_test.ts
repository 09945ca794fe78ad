import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sha256 } from "../../lib/data/hash.ts";
import { SearchError, type SearchRow } from "../../lib/search/records.ts";
import { paretoFront } from "../../lib/search/pareto.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, Judge, tinyProblem } from "./small_problems.ts";
import type { Sizes } from "./synthetic_spaces.ts";

Deno.test("a row says what was evaluated, how it fared and what the search has cost so far", async () => {
  const problem = { ...tinyProblem(), costs: { sum: (genotype: Sizes) => genotype.reduce((a, b) => a + b) } };
  const rows = await Array.fromAsync(search(problem, { evaluations: 5, population: 3, elites: 1, seed: 1 }));
  for (const [i, row] of rows.entries()) {
    const { genotype } = row;
    const fitness = (await tinyProblem().objective.evaluate([genotype], 0))[0]!;
    assertEquals(row, {
      ...{ evaluation: i + 1, generation: i < 3 ? 0 : 1, genotype, hash: genotype.join(" ") },
      ...{ cost: problem.cost(genotype), costs: { sum: problem.costs.sum(genotype) } },
      ...{ level: 0, fitness, flops: i + 1, best: Math.min(...rows.slice(0, i + 1).map((row) => row.fitness)) },
    });
    assertEquals(JSON.parse(JSON.stringify(row)), row);
  }
});

Deno.test("a genotype is named by the SHA-256 of its text, or as the problem says", async () => {
  const { hashOf: _, ...problem } = tinyProblem();
  for await (const { genotype, hash } of search(problem, { evaluations: 3 })) {
    assertEquals(hash, await sha256(new TextEncoder().encode(genotype.join(" "))));
  }
  const named = { ...problem, hashOf: (genotype: Sizes) => Promise.resolve(`#${genotype.join("")}`) };
  for await (const { genotype, hash } of search(named, { evaluations: 3 })) assertEquals(hash, `#${genotype.join("")}`);
});

Deno.test("a result has the best row and the front of the highest level, at any time", async () => {
  const searching = search(coarseProblem(), { method: "halving", evaluations: 60, population: 10, levels: 2 });
  const rows: SearchRow<Sizes>[] = [];
  assertEquals(searching.result, { front: [], evaluated: 0, cached: 0, duplicates: 0, rejected: 0, flops: 0 });
  for await (const row of searching) {
    rows.push(row);
    const { best, front, evaluated, flops } = searching.result;
    const top = rows.filter(({ level }) => level === Math.max(...rows.map(({ level }) => level)));
    assertEquals(best, top.find(({ fitness }) => fitness === row.best));
    assertEquals(
      new Set(front),
      new Set(paretoFront(top.map(({ fitness, cost }) => [fitness, cost])).map((i) => top[i]!)),
    );
    assertEquals(front.map(({ cost }) => cost), front.map(({ cost }) => cost).sort((a, b) => a - b));
    assertEquals([evaluated, flops], [row.evaluation, row.flops]);
  }
  assertEquals(searching.result.ended, "evaluations");
});

Deno.test("survivors that are asked for again at the same level come from the cache", async () => {
  const searching = search(coarseProblem(), { generations: 3, population: 10, elites: 4 });
  assertEquals((await Array.fromAsync(searching)).length, 10 + 6 + 6);
  assert(searching.result.cached >= 8);
});

Deno.test("a caller that stops keeps what was found", async () => {
  const searching = search(coarseProblem(), { evaluations: 60 });
  for await (const { evaluation } of searching) if (evaluation === 7) break;
  assertEquals([searching.result.evaluated, searching.result.ended], [7, undefined]);
});

Deno.test("a bin beyond the space's costs is refused at once, with what can be reached", () => {
  const { objective, ...problem } = tinyProblem();
  const far = { ...problem, objective, bin: { least: 100, most: 120 } };
  assertThrows(
    () => search(far, { evaluations: 5 }),
    RangeError,
    "found none that costs 100 to 120; costs reach from 2 to 27, and the nearest found are 27 below; move or widen",
  );
  assertThrows(() => search({ ...far, bin: { least: 9, most: 8 } }, { evaluations: 5 }), RangeError, "'least' must be");
});

Deno.test("a bin that no member hits ends every search with what can be reached", async () => {
  const problem = { ...tinyProblem(), bin: { least: 16.5, most: 17.5 } };
  for (const method of ["evolution", "random", "stratified", "local", "regularised", "nsga2", "halving"] as const) {
    await assertRejects(
      () => Array.fromAsync(search(problem, { method, evaluations: 5 })),
      RangeError,
      "found none that costs 16.5 to 17.5; costs reach from 2 to 27, and the nearest found are 16 below and 18 above",
    );
  }
  assertEquals(problem.objective.asked, []);
});

Deno.test("a budget that pays for no evaluation is refused with the price of the first", async () => {
  const { objective, ...problem } = tinyProblem();
  const dear = { ...problem, objective: { evaluate: objective.evaluate.bind(objective), price: () => 50 } };
  await assertRejects(
    () => Array.fromAsync(search(dear, { flops: 49 })),
    RangeError,
    "Cannot search: 'flops' must pay for the first evaluation of 50 FLOPs, found 49",
  );
  const priceless = { ...dear, objective: { ...dear.objective, price: () => NaN } };
  await assertRejects(
    () => Array.fromAsync(search(priceless, { flops: 49 })),
    RangeError,
    "'price' must return a finite",
  );
});

Deno.test("an objective must take at least one candidate at a time", () => {
  const rule = "Cannot search: 'batch' of the objective must be a whole number above 0, found 0";
  assertThrows(() => search(tinyProblem({ batch: 0 }), { evaluations: 5 }), RangeError, rule);
});

Deno.test("members to begin with must lie in the bin", () => {
  assertThrows(
    () => search(tinyProblem(), { evaluations: 5, initial: [[1, 4, 5], [3, 4, 5]] }),
    RangeError,
    "Cannot search: member 1 of 'initial' must cost 9 to 10, found 27; fit it first",
  );
});

Deno.test("an objective that answers with too few or unusable fitnesses ends the search", async () => {
  const { space, objective, ...problem } = tinyProblem();
  for (const [answer, found] of [[[], "[]"], [[NaN], "[NaN]"], [[-Infinity], "[-Infinity]"]] as const) {
    let calls = 0;
    const evaluate = (candidates: readonly Sizes[], level: number) =>
      calls++ < 2 ? objective.evaluate(candidates, level) : Promise.resolve(answer);
    const broken = { ...problem, space, objective: { evaluate, price: () => 1 } };
    await assertRejects(
      () => Array.fromAsync(search(broken, { evaluations: 5 })),
      SearchError,
      `Cannot go on after evaluation 2: the objective must return a finite number for each of 1 candidates, found ${found}`,
    );
  }
  const failing = { ...problem, space, objective: new Judge(space, () => Number.MAX_VALUE) };
  assertEquals((await Array.fromAsync(search(failing, { evaluations: 3 }))).length, 3);
});
