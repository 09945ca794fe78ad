import { assertAlmostEquals, assertGreater } from "@std/assert";
import type { MethodName } from "../../lib/search/methods.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, distance, Judge } from "./small_problems.ts";
import { type Sizes, sizesSpace } from "./synthetic_spaces.ts";

const unbinned = { binned: false };

/** The texts of all members that no cheaper or equally cheap one beats, by a sweep in ascending order of cost. */
async function wholeFront(): Promise<Set<string>> {
  const { space, cost, objective } = coarseProblem(unbinned);
  const members = [...space.enumerate()];
  const fitnesses = await objective.evaluate(members, 0);
  const points = members.map((member, i) => ({
    text: space.textOf(member),
    cost: cost(member),
    fitness: fitnesses[i]!,
  }))
    .sort((a, b) => a.cost - b.cost || a.fitness - b.fitness);
  let lowest = Infinity;
  return new Set(points.flatMap(({ text, fitness }) => {
    if (fitness >= lowest) return [];
    lowest = fitness;
    return [text];
  }));
}

/** Counts the members of the whole front on the fronts that ten seeds find. */
async function found(method: MethodName, whole: ReadonlySet<string>): Promise<number> {
  let count = 0;
  for (let seed = 0; seed < 10; seed++) {
    const problem = coarseProblem(unbinned);
    const searching = search(problem, { method, evaluations: 600, population: 32, seed });
    await Array.fromAsync(searching);
    count += searching.result.front.filter(({ genotype }) => whole.has(problem.space.textOf(genotype))).length;
  }
  return count;
}

Deno.test("nsga2 finds three times as many members of the front over fitness and cost as random search", async () => {
  const whole = await wholeFront();
  assertGreater(await found("nsga2", whole), 3 * await found("random", whole));
});

Deno.test("parents of nsga2 win binary tournaments: of four ranks they win 7, 5, 3 and 1 of 16", async () => {
  const space = sizesSpace([9, 9, 9, 9, 9, 9]);
  const initial: Sizes[] = [1, 3, 5, 7].map((size) => Array.from({ length: 6 }, () => size));
  const wins = [0, 0, 0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const fitness = (genotype: Sizes) => genotype.reduce((sum, size) => sum + size);
    const problem = { space, cost: fitness, objective: new Judge(space, fitness) };
    const options = { method: "nsga2", evaluations: 8, population: 4, crossover: 0, initial, seed } as const;
    const rows = await Array.fromAsync(search(problem, options));
    for (const { genotype } of rows.slice(4)) wins[initial.findIndex((parent) => distance(parent, genotype) === 1)]!++;
  }
  // Three standard deviations of a share of 800 draws are at most 0.053.
  for (const [rank, count] of wins.entries()) assertAlmostEquals(count / 800, [7, 5, 3, 1][rank]! / 16, 0.053);
});
