import { assert, assertEquals, assertGreater } from "@std/assert";
import { paretoFront } from "../../lib/search/pareto.ts";
import { search } from "../../lib/search/search.ts";
import { distance, Judge } from "./small_problems.ts";
import { type Sizes, sizesSpace } from "./synthetic_spaces.ts";

const space = sizesSpace([4, 4, 4]);
const fitness = (genotype: Sizes) => (7 * genotype[0]! * genotype[1]! + 5 * genotype[2]!) % 17;
const problem = () => ({
  space,
  cost: (genotype: Sizes) => genotype.reduce((sum, size) => sum + size),
  objective: new Judge(space, fitness),
});

Deno.test("local search mutates the best, and starts again only where all neighbours are known", async () => {
  const rows = await Array.fromAsync(search(problem(), { method: "local", evaluations: 50 }));
  let best: Sizes | undefined;
  const seen: Sizes[] = [];
  let starts = 0;
  for (const { genotype } of rows) {
    if (best === undefined || distance(best, genotype) !== 1) {
      if (best) assertEquals(seen.filter((other) => distance(best!, other) === 1).length, 9);
      starts++;
      best = genotype;
    } else if (fitness(genotype) < fitness(best)) {
      best = genotype;
    }
    seen.push(genotype);
  }
  assertGreater(starts, 1);
});

Deno.test("local search over the front mutates any member that no other one beats", async () => {
  const rows = await Array.fromAsync(search(problem(), { method: "local", parents: "front", evaluations: 25 }));
  const parents = new Set<number>();
  for (let i = 1; i < rows.length; i++) {
    const before = rows.slice(0, i);
    const front = paretoFront(before.map((row) => [row.fitness, row.cost]));
    const parent = front.find((k) => distance(before[k]!.genotype, rows[i]!.genotype) === 1);
    assert(parent !== undefined, `row ${i + 1} is no neighbour of the front`);
    parents.add(parent);
  }
  assertGreater(parents.size, 2);
});
