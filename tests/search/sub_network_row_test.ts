import { assertEquals } from "@std/assert";
import { bestOf, frontOf, type SubNetworkRow } from "../../lib/search/sub_network_row.ts";

const row = (evaluation: number, level: number, fitness: number, parameters: number): SubNetworkRow => ({
  ...{ evaluation, generation: 0, hash: `${evaluation}`, parameters, flops_per_token: 1, fitness, level },
  ...{ flops: 1, best: fitness, genotype: { layers: [], width: [], blocks: [] } },
});

Deno.test("the best row is the first of lowest loss on the highest rung", () => {
  const rows = [row(1, 0, 1, 5), row(2, 1, 4, 5), row(3, 1, 3, 6), row(4, 1, 3, 4), row(5, 0, 2, 4)];
  assertEquals(bestOf(rows)?.evaluation, 3);
  assertEquals(bestOf([]), undefined);
});

Deno.test("the front has the rows of the highest rung that none beats in loss and parameters, smallest first", () => {
  const rows = [row(1, 0, 1, 1), row(2, 1, 4, 6), row(3, 1, 3, 7), row(4, 1, 5, 5), row(5, 1, 5, 6)];
  assertEquals(frontOf(rows).map(({ evaluation }) => evaluation), [4, 2, 3]);
});
