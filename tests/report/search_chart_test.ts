import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { searchChart } from "../../lib/report/search_chart.ts";
import type { FitnessName } from "../../lib/search/sub_network_config.ts";
import { inLines, marksOf, textsOf } from "./svg.ts";

const rows = [
  { evaluation: 1, fitness: 6, best: 6, flops: 1e9, start: "prefix" },
  { evaluation: 2, fitness: 5, best: 5, flops: 2e9, start: "taylor" },
  { evaluation: 3, fitness: 7, best: 5, flops: 3e9 },
  { evaluation: 4, fitness: 4, best: 4, flops: 4e9 },
];

Deno.test("a chart of a search has a title, its cost, units on both axes and the kinds of start", () => {
  const svg = searchChart(rows, { title: "A search" });
  const expected = ["A search", "4.00e+9 FLOPs for 4 evaluations", "evaluations", "best 4.000"];
  const texts = textsOf(svg);
  for (const text of [...expected, "↑ nats per token", "candidate", "prefix", "taylor"]) {
    assert(texts.includes(text), text);
  }
  assertMatch(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
});

Deno.test("a chart of a search has a mark for each candidate, where its loss belongs, in the look of its kind", () => {
  const dots = marksOf(searchChart(rows)).filter(({ opacity }) => opacity === "0.7").sort((a, b) => a.x - b.x);
  assertEquals(dots.length, 4);
  const [first, second, third, fourth] = dots.map(({ y }) => y);
  assertEquals(Math.round((third! - first!) / (first! - second!)), 1);
  assertEquals(Math.round((fourth! - third!) / (second! - first!)), 3);
  assertEquals(dots.map(({ fill }) => fill), ["#009e73", "#cc79a7", "#0072b2", "#0072b2"]);
  assertEquals(dots.map(({ shape }) => shape.slice(0, 4)), ["M-3.", "M0,-", "circ", "circ"]);
});

Deno.test("the axis of a search says what candidates were judged by, where it is known", () => {
  const axis = (fitness?: FitnessName) =>
    textsOf(searchChart(rows, fitness && { fitness })).find((text) => text.startsWith("↑ "));
  assertEquals(axis(), "↑ nats per token");
  assertEquals(axis("loss"), "↑ loss before any training, nats per token");
  assertEquals(axis("kl"), "↑ divergence from the teacher before any training, nats per token");
  assertEquals(axis("repaired"), "↑ loss after a repair, nats per token");
  assertEquals(axis("trained"), "↑ loss after training, nats per token");
});

Deno.test("a chart of thousands of rows leaves some out, and says so", () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({ evaluation: i + 1, fitness: 5, best: 5, flops: i }));
  const svg = searchChart(many);
  assertEquals(marksOf(svg).filter(({ opacity }) => opacity === "0.7").length, 2000);
  assert(textsOf(svg).includes("5.00e+3 FLOPs for 5000 evaluations, 2000 of them drawn"));
});

Deno.test("a chart of no rows is refused", () => {
  const error = assertThrows(() => searchChart([]), RangeError);
  assertEquals(error.message, "Cannot draw the search: there must be at least one row, found none");
});

Deno.test("the chart of this search looks as it did", async (t) => {
  await t.assertSnapshot(inLines(searchChart(rows, { fitness: "loss" })));
});
