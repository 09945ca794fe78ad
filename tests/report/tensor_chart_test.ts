import { assert, assertEquals } from "@std/assert";
import { tensorChart } from "../../lib/report/tensor_chart.ts";
import { find, inLines, textsOf } from "./svg.ts";

const cells = (svg: string) => find(svg, "g[aria-label=cell] rect").map((cell) => cell.getAttribute("fill"));
const bars = (svg: string) =>
  find(svg, "g[aria-label=rect] rect").map((bar) => Math.max(0, Number(bar.getAttribute("height")!)));

Deno.test("a vector is shown by how often its values occur, and those that are not finite are left out", () => {
  const [least, ...others] = bars(tensorChart([0, 0, 0, 1, NaN, Infinity, 3], [7])).filter((height) => height > 0);
  assertEquals(others.length, 2);
  for (const height of others) assert(Math.abs(least! - 3 * height) < 4, `${least} ${height}`);
  assertEquals(cells(tensorChart([0, 1], [2])), []);
});

Deno.test("a matrix has a map of where its values are, blue below zero and red above", () => {
  const svg = tensorChart([-2, 0, 2, 2], [2, 2], { title: "Weights" });
  const [low, zero, high, same] = cells(svg);
  assertEquals(high, same);
  const rgb = (fill: string) => fill.match(/\d+/g)!.map(Number) as [number, number, number];
  assert(rgb(low!)[2] > rgb(low!)[0] && rgb(high!)[0] > rgb(high!)[2], `${low} ${high}`);
  assert(Math.min(...rgb(zero!)) > 230, zero!);
  const texts = textsOf(svg);
  for (const text of ["Weights", "2 rows down, 2 columns across", "blue −2.00, white 0, red 2.00"]) {
    assert(texts.includes(text), text);
  }
  assert(!texts.includes("each cell is the mean of a block"));
});

Deno.test("of a large matrix each cell is the mean of a block, and a long title ends before the map", () => {
  const values = Float32Array.from({ length: 96 * 96 }, (_, i) => (i % 96 < 48 ? -1 : 1) * (i % 2 ? 3 : 1));
  const svg = tensorChart(values, [96, 96], { title: "the activations of a layer with a long name" });
  assertEquals(new Set(cells(svg)).size, 2);
  const texts = textsOf(svg);
  for (
    const text of [
      "96 rows down, 96 columns across",
      "each cell is the mean of a block",
      "blue −2.00, white 0, red 2.00",
    ]
  ) {
    assert(texts.includes(text), text);
  }
  assert(texts.some((text) => /^the activations of a .*…/.test(text)), texts.join("\n"));
});

Deno.test("the chart of these values looks as it did", async (t) => {
  await t.assertSnapshot(inLines(tensorChart([1, -1, 0.5, 0, 2, -0.25], [2, 3], { title: "Weights" })));
});
