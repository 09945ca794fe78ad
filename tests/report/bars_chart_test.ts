import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barsChart, type BarsChartOptions } from "../../lib/report/bars_chart.ts";
import { find, inLines, textsOf } from "./svg.ts";

const options: BarsChartOptions = { title: "Odds", categories: ["yes", "no", "yes"], axis: "probability" };
const series = [{ label: "before", values: [0.5, 0.2, -0.1] }, { label: "after", values: [0.25, 0.4, 0.05] }];
const bars = (svg: string) =>
  find(svg, "g[aria-label=rect] rect").map((bar) => ({
    ...Object.fromEntries(["x", "width", "height"].map((name) => [name, Number(bar.getAttribute(name))])),
    fill: bar.getAttribute("fill"),
  } as { x: number; width: number; height: number; fill: string }));

Deno.test("bars are as high as their numbers and stand in the group of their category, in one colour a series", () => {
  const found = bars(barsChart(series, options));
  const values = series.flatMap(({ values }) => values);
  found.forEach(({ height }, i) =>
    assertAlmostEquals(height / found[0]!.height, Math.abs(values[i]! / values[0]!), 1e-3)
  );
  const places = found.map(({ x }, i) => [x, i] as const).sort(([a], [b]) => a - b).map(([, i]) => i);
  assertEquals(places, [0, 3, 1, 4, 2, 5]);
  assertEquals(new Set(found.map(({ fill }) => fill)).size, 2);
});

Deno.test("the chart names its title, its unit, its series and its categories, also one that occurs twice", () => {
  const texts = textsOf(barsChart(series, options));
  for (const text of ["Odds", "↑ probability", "before", "after", "no"]) assert(texts.includes(text), text);
  assertEquals(texts.filter((text) => text === "yes").length, 2);
});

Deno.test("names of many categories are turned, so that none covers another", () => {
  const categories = Array.from({ length: 12 }, (_, i) => `category ${i}`);
  const svg = barsChart([{ label: "a", values: categories.map((_, i) => i) }], { ...options, categories });
  assert(svg.includes("rotate(-40)") && !barsChart(series, options).includes("rotate("));
});

Deno.test("bars without numbers are refused", () => {
  const refused: [Parameters<typeof barsChart>, string][] = [
    [[[], options], "there must be a series, found none"],
    [[series, { ...options, categories: [] }], "there must be a category, found none"],
    [[series, { ...options, categories: ["yes"] }], "'before' must have a value for each of 1 categories, found 3"],
    [[[{ label: "a", values: [1, NaN, 2] }], options], "values of 'a' must be finite, found NaN"],
  ];
  for (const [given, reason] of refused) {
    const { message } = assertThrows(() => barsChart(...given), RangeError);
    assertEquals(message, `Cannot draw the bars: ${reason}`);
  }
});

Deno.test("the chart of these bars looks as it did", async (t) => {
  await t.assertSnapshot(inLines(barsChart(series, options)));
});
