import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { studyLossChart, studyMatchChart } from "../../lib/report/study_chart.ts";
import { studyColumns, studyRows } from "../../lib/report/study_table.ts";
import { formatTable } from "../../lib/report/table.ts";
import { compareArms } from "../../lib/study/compare.ts";
import { find, inLines, textsOf } from "./svg.ts";

const budget = (tokens: number, loss: number, times: number, more = {}) => ({
  ...{ tokens, runs: 2, loss_mean: loss, loss_std: 0.02, bits_per_byte: loss / 2.5 },
  ...{ tokens_to_match: times, flops_to_match: times / 2 },
  tokens_to_match_range: [0.9 * times, 1.1 * times] as const,
  flops_to_match_range: [0.4 * times, 0.6 * times] as const,
  ...more,
});
const summary = {
  reference: "random",
  teacher_loss: 3,
  arms: {
    "random": { budgets: [budget(1000, 5, 1), budget(4000, 4, 1)] },
    "prefix": { budgets: [budget(1000, 4, 4), budget(4000, 3.5, 8, { bound: "at_least" as const })] },
    "prefix+store": { budgets: [budget(1000, 3.9, 5)] },
  },
};

Deno.test("the loss chart names every arm, the teacher, units and what bars are", () => {
  const texts = textsOf(studyLossChart(summary));
  for (const text of ["Held-out loss", "↑ nats per token; bars: one standard deviation over seeds", "teacher"]) {
    assertEquals(texts.includes(text), true, text);
  }
  for (const arm of Object.keys(summary.arms)) assertEquals(texts.includes(arm), true, arm);
});

Deno.test("the chart of multipliers leaves the reference out, and marks values that are bounds", () => {
  const texts = textsOf(studyMatchChart(summary, "tokens"));
  assertEquals(texts.includes("random"), false);
  assertEquals(texts.filter((text) => text === "↑").length, 1);
  const said = (svg: string) => textsOf(svg).join(" ").includes("bars: all seeds; ↑: at least");
  const without = { ...summary, arms: { ...summary.arms, prefix: { budgets: [budget(1000, 4, 4)] } } };
  assertEquals([said(studyMatchChart(summary, "tokens")), said(studyMatchChart(without, "tokens"))], [true, false]);
  assertStringIncludes(studyMatchChart(summary, "flops"), "Times fewer FLOPs than the random start");
});

Deno.test("a start has one colour in all charts, and lessons have strokes of their own", () => {
  const strokes = (svg: string) =>
    find(svg, "g[aria-label=line]").map((group) => [
      group.getAttribute("stroke"),
      group.getAttribute("stroke-dasharray"),
    ]);
  const [, ...rest] = strokes(studyLossChart(summary));
  assertEquals(strokes(studyMatchChart(summary, "tokens")), rest);
  assertEquals(rest[0]![0], rest[1]![0]);
  assertEquals(rest.map(([, dash]) => dash), [null, "2 3"]);
});

Deno.test("the chart of multipliers is drawn of a bare list of outcomes", () => {
  const outcomes = [
    ...[5, 4, 3].map((loss, i) => ({ arm: "drawn", tokens: 1000 * 4 ** i, flops: 1e9 * 4 ** i, loss })),
    ...[3.9, 4.1].map((loss) => ({ arm: "cut", tokens: 1000, flops: 2e9, loss })),
  ];
  const comparison = compareArms(outcomes, "drawn");
  const [budget] = comparison.arms.cut!.budgets;
  assertEquals([budget!.runs, budget!.loss_mean], [2, 4]);
  assertEquals([Math.round(budget!.tokens_to_match), Math.round(budget!.flops_to_match)], [4, 2]);
  const texts = textsOf(studyMatchChart(comparison, "tokens"));
  assertEquals(texts.filter((text) => text === "cut").length, 1);
  assertEquals(textsOf(studyLossChart(comparison)).includes("teacher"), false);
  const error = assertThrows(() => compareArms(outcomes, "other"), RangeError);
  assertEquals(
    error.message,
    "Cannot compare arms: the reference 'other' must have an outcome, found arms drawn, cut; add it, or name another one",
  );
});

Deno.test("a study without arms has no chart", () => {
  const only = { ...summary, arms: { random: summary.arms.random } };
  assertThrows(() => studyMatchChart(only, "tokens"), RangeError, "there must be at least one arm, found none");
});

Deno.test("the table says of bounds which side the value lies on", () => {
  const lines = formatTable(studyColumns, studyRows(summary)).split("\n");
  assertEquals(lines[0], "start         tokens   nats a token  bits a byte  seeds  fewer tokens  fewer FLOPs");
  assertEquals(lines[4], "prefix         4,000  3.500 ± 0.020        1.400      2       > 8.00x      > 4.00x");
});

Deno.test("the charts of this study look as they did", async (t) => {
  await t.assertSnapshot(inLines(studyLossChart(summary)));
  await t.assertSnapshot(inLines(studyMatchChart(summary, "tokens")));
});
