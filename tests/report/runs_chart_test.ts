import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { runsChart } from "../../lib/report/runs_chart.ts";
import { find, inLines, marksOf, overlaps, textsOf } from "./svg.ts";

const row = (step: number, loss: number) => ({
  ...{ tokens: 1000 * step, flops: 1e9 * step, elapsed_s: step / 2, loss: loss + 1, val_loss: loss, val_bpb: loss / 2 },
});
const run = (label: string, losses: readonly number[]) => ({ label, rows: losses.map((loss, i) => row(i + 1, loss)) });
const runs = [run("cut", [5, 3, 2]), run("drawn", [7, 6, 4]), run("drawn", [7, 4, 3])];
const linesOf = (svg: string) => find(svg, "g[aria-label=line]");

Deno.test("runs of one label are one curve, with a band and their number; others have neither", () => {
  const svg = runsChart(runs, { title: "Two starts" });
  assertEquals([linesOf(svg).length, find(svg, "g[aria-label=area]").length], [2, 1]);
  const texts = textsOf(svg);
  const expected = ["Two starts", "training tokens", "cut 2.00", "drawn 3.50 (2 runs)"];
  for (const text of [...expected, "↑ validation loss, nats per token; bands: one standard deviation"]) {
    assert(texts.includes(text), text);
  }
});

Deno.test("curves are told apart by colour and by shape", () => {
  const eight = Array.from({ length: 8 }, (_, i) => run(`run ${i}`, [9, 8 + i / 1000]));
  const svg = runsChart(eight);
  const labels = marksOf(svg).slice(-8);
  assertEquals(new Set(labels.map(({ fill, shape }) => `${fill} ${shape}`)).size, 8);
  assertEquals(overlaps(svg, 28), []);
  assertEquals(textsOf(svg).filter((text) => text.startsWith("run ")).length, 8);
});

Deno.test("forty curves have labels of their own too", () => {
  const svg = runsChart(Array.from({ length: 40 }, (_, i) => run(`run ${i}`, [9, 8])));
  assertEquals([overlaps(svg, 28), textsOf(svg).filter((text) => text.startsWith("run ")).length], [[], 40]);
});

Deno.test("the mean is taken between rows where runs have them at different places, as far as all runs go", () => {
  const uneven = [
    { label: "a", rows: [row(1, 4), row(3, 2), row(5, 0)] },
    { label: "a", rows: [row(1, 4), row(2, 4), row(4, 4)] },
  ];
  // At 1, 2, 3 and 4 thousand tokens the means are 4, 3.5, 3 and 2.5.
  const [d] = find(runsChart(uneven), "g[aria-label=line] path").map((line) => line.getAttribute("d")!);
  const heights = d!.slice(1).split("L").map((pair) => Number(pair.split(",")[1]));
  assertEquals(heights.length, 4);
  for (const i of [1, 2]) assertAlmostEquals(heights[i + 1]! - heights[i]!, heights[i]! - heights[i - 1]!, 0.01);
});

Deno.test("runs that were validated once are compared by their training loss, with a teacher by the cross-entropy", () => {
  const once = [{ label: "a", rows: [{ tokens: 1, loss: 9, cross_entropy: 5 }, { ...row(2, 3), cross_entropy: 4 }] }];
  const texts = textsOf(runsChart(once));
  assert(texts.includes("Training loss") && texts.includes("a 4.00"));
});

Deno.test("the horizontal axis is tokens, FLOPs or time, the vertical one nats or bits, and the first may be logarithmic", () => {
  const texts = textsOf(runsChart(runs, { x: "flops", unit: "bits", log: true }));
  for (const text of ["FLOPs", "1G", "cut 1.00"]) assert(texts.includes(text), text);
  assert(textsOf(runsChart(runs, { x: "elapsed_s" })).includes("seconds of training"));
  const places = marksOf(runsChart([run("a", [5, 4, 3, 2])], { log: true })).slice(0, 4).map(({ x }) => x);
  assertAlmostEquals(places[1]! - places[0]!, places[3]! - places[1]!, 0.01);
});

Deno.test("a run of thousands of rows is drawn with 400 of them", () => {
  const svg = runsChart([run("long", Array.from({ length: 5000 }, (_, i) => 9 - i / 1000))]);
  const [d] = find(svg, "g[aria-label=line] path").map((line) => line.getAttribute("d")!);
  assertEquals(d!.split("L").length, 400);
  assert(textsOf(svg).includes("long 4.00"));
});

Deno.test("references are lines across with their names", () => {
  assert(textsOf(runsChart(runs, { references: [{ name: "teacher", loss: 1.5 }] })).includes("teacher"));
});

Deno.test("what cannot be drawn is refused", () => {
  const refusals: [() => string, string][] = [
    [() => runsChart([]), "Cannot draw the runs: there must be at least one, found none"],
    [
      () => runsChart([{ label: "a", rows: [{ tokens: 1, loss: 2 }] }], { x: "flops" }),
      "Cannot draw the run 'a': at least one row must have flops, found none in 1 rows",
    ],
    [
      () => runsChart([{ label: "a", rows: [row(1, 2)] }, { label: "a", rows: [row(3, 2)] }]),
      "Cannot draw the runs 'a': they must have a part in common, found one from 3000 on and one up to 1000; " +
      "give them labels of their own",
    ],
    [
      () => runsChart(runs, { unit: "bits", references: [{ name: "teacher", loss: 1 }] }),
      "Cannot draw the runs: references must be absent where losses are in bits, found 1; use nats",
    ],
  ];
  for (const [draw, message] of refusals) assertEquals(assertThrows(draw, RangeError).message, message);
});

Deno.test("the chart of these runs looks as it did", async (t) => {
  await t.assertSnapshot(inLines(runsChart(runs, { references: [{ name: "teacher", loss: 1.5 }] })));
});

Deno.test("a chart in a page takes its colours from the page; one that stands alone is a white sheet", () => {
  const inline = runsChart(runs, { inline: true });
  assert(inline.includes("var(--blue, #0072b2)") && inline.includes("background:none"));
  assert(runsChart(runs).includes("background:white") && !runsChart(runs).includes("var("));
});
