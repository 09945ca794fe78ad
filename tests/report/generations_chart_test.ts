import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { generationsChart } from "../../lib/report/generations_chart.ts";
import { quantile } from "../../lib/statistics.ts";
import type { FitnessName } from "../../lib/search/sub_network_config.ts";
import { find, inLines, marksOf, textsOf } from "./svg.ts";

const generation = (number: number, fitnesses: readonly number[], level = 0) =>
  fitnesses.map((fitness) => ({ generation: number, fitness, level }));
const rows = [...generation(0, [8, 6, 7]), ...generation(1, [5, 6, 7, 4]), ...generation(2, [5.5], 1)];

Deno.test("a quantile lies on the straight line between the values beside it", () => {
  assertEquals([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([4, 1, 2, 3], share)), [1, 1.75, 2.5, 3.25, 4]);
  assertEquals(quantile([5], 0.3), 5);
});

Deno.test("each generation has its best, its median, its middle half and all of its candidates", () => {
  const svg = generationsChart(rows);
  const blue = marksOf(svg).filter(({ fill, shape }) => fill === "#0072b2" && shape === "circle").slice(-3);
  const red = marksOf(svg).filter(({ fill, shape }) => fill === "#d55e00" && shape !== "circle").slice(-4, -1);
  assertEquals([blue.length, red.length], [3, 3]);
  // The first generation's median is 7 and its best 6; the second one's are 5.5 and 4.
  const nat = red[0]!.y - blue[0]!.y;
  assertAlmostEquals(blue[1]!.y - blue[0]!.y, 1.5 * nat, 0.01);
  assertAlmostEquals(red[1]!.y - blue[1]!.y, 1.5 * nat, 0.01);
  assertEquals(find(svg, "g[aria-label=rule] line").length, 1 + 3 + 3);
});

Deno.test("candidates of another rung begin new lines, and the lowest is one of theirs", () => {
  const svg = generationsChart(rows);
  const texts = textsOf(svg);
  const expected = ["more tokens: level 1", "lowest 5.500", "3 generations, 8 candidates", "generation"];
  for (const text of [...expected, "↑ nats per token", "Generations"]) {
    assert(texts.includes(text), text);
  }
  assertEquals(find(svg, "g[aria-label=line]").length, 4);
});

Deno.test("what a rung gives candidates more of is said where it is known what they were judged by", () => {
  const texts = (fitness: FitnessName) => textsOf(generationsChart(rows, { fitness }));
  const [judged, trained] = [texts("repaired"), texts("trained")];
  for (const text of ["judged on more text: level 1", "↑ loss after a repair, nats per token"]) {
    assert(judged.includes(text), text);
  }
  for (const text of ["trained on more tokens: level 1", "↑ loss after training, nats per token"]) {
    assert(trained.includes(text), text);
  }
});

Deno.test("one generation of one candidate has a chart", () => {
  const texts = textsOf(generationsChart([{ generation: 0, fitness: 3 }]));
  assert(texts.includes("1 generation, 1 candidate") && texts.includes("lowest 3.000"));
});

Deno.test("of thousands of generations 120 are drawn, and it is said", () => {
  const svg = generationsChart(Array.from({ length: 4000 }, (_, i) => ({ generation: i >> 1, fitness: 9 - i / 1000 })));
  assertEquals(marksOf(svg).filter(({ shape }) => shape === "circle").length, 120 + 1);
  assert(textsOf(svg).includes("2,000 generations, 4,000 candidates, 120 generations drawn"));
});

Deno.test("a search without rows has no generations", () => {
  const error = assertThrows(() => generationsChart([]), RangeError);
  assertEquals(error.message, "Cannot draw the generations: there must be at least one row, found none");
});

Deno.test("the chart of these generations looks as it did", async (t) => {
  await t.assertSnapshot(inLines(generationsChart(rows, { fitness: "loss" })));
});
