import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { searchChart } from "../../lib/report/search_chart.ts";

const rows = [
  { evaluation: 1, fitness: 6, best: 6, flops: 1e9, start: "prefix" },
  { evaluation: 2, fitness: 5, best: 5, flops: 2e9, start: "taylor" },
  { evaluation: 3, fitness: 7, best: 5, flops: 3e9 },
  { evaluation: 4, fitness: 4, best: 4, flops: 4e9 },
];

Deno.test("a chart of a search has a title, its cost, units on both axes and the kinds of start", () => {
  const svg = searchChart(rows, { title: "A search" });
  const texts = ["A search", "4.00e+9 FLOPs for 4 evaluations", "evaluations", "nats per token", "best 4.000"];
  for (const text of [...texts, "● candidate", "● prefix", "● taylor"]) assertStringIncludes(svg, text);
  assertMatch(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
});

Deno.test("a chart of a search has a dot for each candidate, where its loss belongs, in the colour of its kind", () => {
  const circles = searchChart(rows).matchAll(/<circle fill="(#\w+)" r="3" cy="([\d.]+)" cx="([\d.]+)"/g);
  const dots = Array.from(circles, ([, fill, y, x]) => ({ x: Number(x), y: Number(y), fill }));
  assertEquals(dots.length, 4);
  const byEvaluation = dots.sort((a, b) => a.x - b.x);
  const [first, second, third, fourth] = byEvaluation.map(({ y }) => y);
  assertEquals(Math.round((third! - first!) / (first! - second!)), 1);
  assertEquals(Math.round((fourth! - third!) / (second! - first!)), 3);
  assertEquals(byEvaluation.map(({ fill }) => fill), ["#009e73", "#cc79a7", "#0072b2", "#0072b2"]);
});

Deno.test("a chart of no rows is refused", () => {
  const error = assertThrows(() => searchChart([]), RangeError);
  assertEquals(error.message, "Cannot draw the search: there must be at least one row, found none");
});
