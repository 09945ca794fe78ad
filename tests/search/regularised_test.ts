import { assert, assertEquals } from "@std/assert";
import { search } from "../../lib/search/search.ts";
import { distance, Judge } from "./small_problems.ts";
import { type Sizes, sizesSpace } from "./synthetic_spaces.ts";

const population = 4;
const space = sizesSpace([9, 9, 9, 9, 9, 9]);
const initial: Sizes[] = [1, 3, 5, 7].map((size) => Array.from({ length: 6 }, () => size));

/** Searches where the first member is better than all that can follow. */
async function lineage(tournament: number): Promise<Sizes[]> {
  const fitness = (genotype: Sizes) => genotype === initial[0] ? -1 : genotype.reduce((sum, size) => sum + size);
  const problem = { space, cost: () => 0, objective: new Judge(space, fitness) };
  const options = { method: "regularised", evaluations: 80, population, tournament, initial } as const;
  const rows = await Array.fromAsync(search(problem, options));
  return rows.map(({ genotype }) => genotype);
}

Deno.test("regularised evolution forgets the oldest: parents are among the last few that were born", async () => {
  const born = await lineage(population);
  assertEquals(born.slice(0, population), initial);
  for (let i = population; i < born.length; i++) {
    const living = born.slice(i - population, i);
    assert(living.some((parent) => distance(parent, born[i]!) === 1), `child ${i} has no living parent`);
  }
});

Deno.test("regularised evolution with a tournament of all mostly mutates the best while it lives", async () => {
  const children = (await lineage(population)).slice(population, 2 * population - 1);
  assert(children.filter((child) => distance(child, initial[0]!) <= 2).length >= 2);
});
