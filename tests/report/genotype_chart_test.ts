import { assert, assertEquals, assertThrows } from "@std/assert";
import { genotypeChart } from "../../lib/report/genotype_chart.ts";
import { find, inLines, textsOf } from "./svg.ts";

const teacher = { layers: 3, width: 8, groups: 4, headsInGroup: 1, mlp: 4 };
const block = { groups: [0, 2], headsInGroup: [0], headDims: [0], mlp: [1, 2, 3] };
const subNetwork = { layers: [0, 2], width: [0, 1, 2, 3], blocks: [block, { ...block, groups: [3] }] };
const one = [{ label: "cut", subNetwork }];
/** Cells that are filled, by their opacity. */
const filled = (svg: string) => find(svg, "rect").flatMap((cell) => cell.getAttribute("fill-opacity") ?? []);

Deno.test("a map has a cell for each kept head and neuron and dimension, and numbers for each layer", () => {
  const svg = genotypeChart(one, teacher, { title: "A student" });
  // 4 dimensions of the stream; 2 + 1 heads and 3 + 3 neurons.
  assertEquals(filled(svg), new Array(4 + 3 + 6).fill("1"));
  const texts = textsOf(svg);
  for (const text of ["A student", "cut", "width 4/8", "2/4, 75% of 4", "1/4, 75% of 4", "dropped", "heads"]) {
    assert(texts.includes(text), text);
  }
  assertEquals(texts.filter((text) => /^\d$/.test(text)), ["0", "1", "2"]);
});

Deno.test("heads that share a key are counted through their groups", () => {
  const shared = { ...teacher, groups: 2, headsInGroup: 2 };
  const grouped = {
    ...subNetwork,
    blocks: [block, block].map((each) => ({ ...each, groups: [1], headsInGroup: [0, 1] })),
  };
  assert(textsOf(genotypeChart([{ label: "grouped", subNetwork: grouped }], shared)).includes("2/4, 75% of 4"));
});

Deno.test("more neurons than fit are put together, the fainter the fewer of them are kept", () => {
  const mlp = Array.from({ length: 2000 }, (_, i) => 2 * i);
  const wide = { ...subNetwork, blocks: subNetwork.blocks.map((each) => ({ ...each, mlp })) };
  const shares = filled(genotypeChart([{ label: "wide", subNetwork: wide }], { ...teacher, mlp: 4000 })).map(Number);
  assert(shares.length < 600 && shares.filter((share) => Math.abs(share - 0.5) < 0.1).length > 300);
});

Deno.test("several maps stand side by side, and of very many twelve are drawn", () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ label: `cut ${i}`, subNetwork }));
  const texts = textsOf(genotypeChart(many, teacher));
  assertEquals(texts.filter((text) => text.startsWith("cut ")).length, 12);
  for (const text of ["12 of 1000 sub-networks", "cut 0", "cut 999"]) assert(texts.includes(text), text);
});

Deno.test("a sub-network of another teacher is refused", () => {
  const error = assertThrows(() => genotypeChart(one, { ...teacher, layers: 2 }), RangeError);
  assertEquals(
    error.message,
    "Cannot draw 'cut': its layers must be below the teacher's 2, found 2; take the sizes of the teacher that it was " +
      "cut out of",
  );
  assertThrows(() => genotypeChart([], teacher), RangeError, "there must be at least one sub-network, found none");
});

Deno.test("the map of this sub-network looks as it did", async (t) => {
  await t.assertSnapshot(inLines(genotypeChart(one, teacher)));
});
