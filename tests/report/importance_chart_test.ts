import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { importanceChart } from "../../lib/report/importance_chart.ts";
import { find, inLines, textsOf } from "./svg.ts";

const block = { groups: [4, 1], headsInGroup: [5], headDims: [1], mlp: [9, 0, 0, 1] };
const importance = { layers: [1, 0.25], width: [1], blocks: [block, { ...block, groups: [16, 0] }] };
const shares = (svg: string) =>
  find(svg, "rect").flatMap((cell) => cell.getAttribute("fill-opacity") ?? []).map(Number);

Deno.test("a cell is as dark as the square root of its share of the largest of its kind", () => {
  const found = shares(importanceChart(importance));
  const neurons = [1, 1 / 3], heads = [1 / 2, 1 / 4, 1], layers = [1, 1 / 2];
  const expected = [...layers, ...heads, ...neurons, ...neurons];
  assertEquals(found.length, expected.length);
  found.forEach((share, i) => assertAlmostEquals(share, expected[i]!, 1e-6));
});

Deno.test("the map names its kinds, its layers and its scale", () => {
  const texts = textsOf(importanceChart(importance, { title: "What matters" }));
  for (const text of ["What matters", "layer", "heads", "MLP neurons", "4% of it", "the largest", "0", "1"]) {
    assert(texts.includes(text), text);
  }
});

Deno.test("of heads that share a key, the groups and the places in them have scores", () => {
  const shared = { ...importance, blocks: importance.blocks.map((each) => ({ ...each, headsInGroup: [1, 2] })) };
  const texts = textsOf(importanceChart(shared));
  assert(texts.includes("query groups") && texts.includes("heads in a group") && !texts.includes("heads"));
});

Deno.test("thousands of neurons are put together, and scores that are all 0 stay empty", () => {
  const zero = {
    ...importance,
    blocks: [{ ...block, mlp: new Float64Array(4096) }, { ...block, mlp: new Float64Array(4096) }],
  };
  assertEquals(shares(importanceChart(zero)).length, 2 + 4);
  const many = {
    ...importance,
    blocks: importance.blocks.map((each) => ({ ...each, mlp: new Float64Array(4096).fill(2) })),
  };
  assert(shares(importanceChart(many)).length < 500);
});

Deno.test("scores that are no scores are refused", () => {
  for (const wrong of [-1, NaN, Infinity]) {
    const bad = { ...importance, layers: [1, wrong] };
    const error = assertThrows(() => importanceChart(bad), RangeError);
    assertEquals(error.message, `Cannot draw the importance: scores must be finite and at least 0, found ${wrong}`);
  }
  assertThrows(() => importanceChart({ ...importance, blocks: [] }), RangeError, "there must be a layer, found none");
});

Deno.test("the map of this importance looks as it did", async (t) => {
  await t.assertSnapshot(inLines(importanceChart(importance)));
});
