import { assert, assertEquals, assertThrows } from "@std/assert";
import { paretoChart } from "../../lib/report/pareto_chart.ts";
import { find, inLines, marksOf, textsOf } from "./svg.ts";

const rows = [
  { parameters: 100, flops_per_token: 30, fitness: 5 },
  { parameters: 200, flops_per_token: 10, fitness: 4, start: "prefix" },
  { parameters: 200, flops_per_token: 20, fitness: 6, start: "spaced" },
];
const front = rows.slice(0, 2);

Deno.test("a front is points on a line, other candidates are rings, and the best start is a diamond", () => {
  const svg = paretoChart(rows, front);
  // The first three are the key's, the last one is the label's.
  const inFrame = marksOf(svg).slice(3, -1);
  assertEquals(inFrame.map(({ fill }) => fill), ["none", "#d55e00", "#d55e00", "#009e73"]);
  assertEquals(find(svg, "g[aria-label=line]").length, 1);
  const texts = textsOf(svg);
  const expected = ["Pareto front", "parameters", "↑ nats per token", "lowest 4.000"];
  for (
    const text of [
      ...expected,
      ...["front: 2 of 3 candidates", "candidates that are beaten in both", "best start: prefix 4.000"],
    ]
  ) assert(texts.includes(text), text);
});

Deno.test("a front may be one of FLOPs, but only where every row has them", () => {
  assert(textsOf(paretoChart(rows, [rows[1]!], { cost: "flops_per_token" })).includes("forward FLOPs a token"));
  const error = assertThrows(() => paretoChart(rows, front, { cost: "latency_ms" }), RangeError);
  assertEquals(
    error.message,
    "Cannot draw the front: every row must have latency_ms, found 5 without; choose another cost",
  );
});

Deno.test("a front of trained students says so, and one of divergences does not call them losses", () => {
  assert(textsOf(paretoChart(rows, front, { fitness: "trained" })).includes("↑ loss after training, nats per token"));
  const texts = textsOf(paretoChart(rows, front, { fitness: "kl" }));
  assert(texts.includes("↑ divergence from the teacher before any training, nats per token"));
});

Deno.test("of thousands of candidates some are left out, and it is said", () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({ parameters: 300 + i, fitness: 7 }));
  const svg = paretoChart([...front, ...many], front);
  assert(textsOf(svg).includes("2000 of 5000 candidates that are beaten in both"));
  assert(marksOf(svg).length < 2020);
});

Deno.test("a front without members is refused", () => {
  const error = assertThrows(() => paretoChart(rows, []), RangeError);
  assertEquals(error.message, "Cannot draw the front: there must be at least one member, found none");
});

Deno.test("the chart of this front looks as it did", async (t) => {
  await t.assertSnapshot(inLines(paretoChart(rows, front, { fitness: "loss" })));
});
