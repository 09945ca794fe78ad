import { assertEquals } from "@std/assert";
import { bestOf, frontOf, reportOf, rowOf, type SubNetworkRow } from "../../lib/search/sub_network_row.ts";

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

Deno.test("the front may be over another cost", () => {
  const rows = [row(1, 0, 3, 1), row(2, 0, 2, 2), row(3, 0, 1, 3)]
    .map((each, i) => ({ ...each, latency_ms: [0.5, 0.75, 0.25][i]! }));
  assertEquals(frontOf(rows, "latency_ms").map(({ evaluation }) => evaluation), [3]);
});

Deno.test("what a row says of latency is what was reported, or nothing", () => {
  for (const latency of [{}, { latency_ms: 0.5 }]) {
    const known = { ...row(1, 0, 3, 4), ...latency };
    const report = reportOf(known, "parameters");
    assertEquals([report.cost, report.costs], [4, { parameters: 4, flops_per_token: 1, ...latency }]);
    assertEquals(rowOf(report, undefined), known);
  }
  assertEquals(reportOf({ ...row(1, 0, 3, 4), latency_ms: 0.5 }, "latency_ms").cost, 0.5);
});
