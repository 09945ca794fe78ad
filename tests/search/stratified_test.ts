import { assert, assertEquals } from "@std/assert";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, fineProblem } from "./small_problems.ts";

Deno.test("strata of the space's costs take turns", async () => {
  const problem = coarseProblem({ binned: false });
  const rows = await Array.fromAsync(search(problem, { method: "stratified", evaluations: 50, strata: 4 }));
  const [lowest, highest] = [problem.cost(problem.space.smallest()), problem.cost(problem.space.largest())];
  for (const [i, { cost }] of rows.entries()) {
    const place = 4 * (cost - lowest) / (highest - lowest);
    assert(place >= i % 4 && place <= i % 4 + 1, `row ${i + 1} costs ${cost}, outside of stratum ${i % 4}`);
  }
});

Deno.test("strata of the bin in which nothing is found are left out", async () => {
  const searching = search(fineProblem(), { method: "stratified", evaluations: 20, strata: 5 });
  const rows = await Array.fromAsync(searching);
  assertEquals(rows.map(({ cost }) => cost), Array.from({ length: 20 }, (_, i) => 15 + i % 2));
  assert(searching.result.rejected > 0);
});
