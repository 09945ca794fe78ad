import { assert, assertEquals } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { presets } from "../../lib/model/presets.ts";
import { checkSubNetwork } from "../../lib/subnet/check.ts";
import { type Dimensions, dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace, searchSpaceNames, type SearchSpaceOptions } from "../../lib/subnet/search_space.ts";
import type { SubBlock, SubNetwork } from "../../lib/subnet/sub_network.ts";
import { isMember, ones } from "./teachers.ts";

/** All lists of some of `size` indices, one for each set of bits. */
function allLists(size: number): number[][] {
  return Array.from({ length: 2 ** size - 1 }, (_, i) => i + 1)
    .map((bits) => Array.from({ length: size }, (_, i) => i).filter((i) => bits >> i & 1));
}

function allStacks(blocks: readonly SubBlock[], length: number): SubBlock[][] {
  if (length === 0) return [[]];
  return allStacks(blocks, length - 1).flatMap((stack) => blocks.map((block) => [...stack, block]));
}

/** All that have the form of a sub-network, legal or not. */
function allSubNetworks({ layers, width, groups, headsInGroup, headSize, mlp }: Dimensions): SubNetwork[] {
  const blocks = allLists(groups).flatMap((g) =>
    allLists(headsInGroup).flatMap((h) =>
      allLists(headSize).flatMap((d) => allLists(mlp).map((m) => ({ groups: g, headsInGroup: h, headDims: d, mlp: m })))
    )
  );
  return allLists(layers).flatMap((kept) =>
    allLists(width).flatMap((dims) =>
      allStacks(blocks, kept.length).map((stack) => ({ layers: kept, width: dims, blocks: stack }))
    )
  );
}

function isLegal(member: SubNetwork, dimensions: Dimensions, options: SearchSpaceOptions): boolean {
  try {
    checkSubNetwork(member, dimensions, options);
    return true;
  } catch {
    return false;
  }
}

const tiny: [title: string, Dimensions, SearchSpaceOptions][] = [
  ["multi-head", { layers: 2, width: 3, groups: 2, headsInGroup: 1, headSize: 3, rotary: 2, mlp: 2 }, { steps: ones }],
  ["grouped", { layers: 2, width: 2, groups: 2, headsInGroup: 2, headSize: 2, rotary: 2, mlp: 2 }, {
    steps: { ...ones, layers: 2, mlp: 2 },
  }],
  ["pairs", { layers: 2, width: 1, groups: 1, headsInGroup: 1, headSize: 6, rotary: 4, mlp: 2 }, {
    steps: ones,
    pairs: true,
  }],
  ["rebuilt", { layers: 2, width: 1, groups: 1, headsInGroup: 2, headSize: 5, rotary: 4, mlp: 1 }, {
    steps: ones,
    rope: "rebuild",
  }],
];

for (const [title, dimensions, options] of tiny) {
  const all = allSubNetworks(dimensions).filter((each) => isLegal(each, dimensions, options));
  for (const name of searchSpaceNames.filter((name) => name.startsWith("fine") || !options.pairs)) {
    Deno.test(`${name} has the members that a search through all sub-networks finds, ${title}`, () => {
      const space = searchSpace(name, dimensions, options);
      const expected = all.filter((each) => isMember(each, { title, name, dimensions, options, space }));
      const texts = [...space.enumerate()].map((member) => space.textOf(member));
      assertEquals(new Set(texts).size, texts.length);
      assertEquals(texts.toSorted(), expected.map((member) => space.textOf(member)).sort());
      assertEquals(space.count(), texts.length);
      const draws = new Draws(1, name);
      const known = new Set(texts);
      for (let i = 0; i < 200; i++) assert(known.has(space.textOf(space.sample(draws))));
    });
  }
}

Deno.test("chance reaches every member of a small space by each way of moving", () => {
  const space = searchSpace("fine-layerwise", { ...tiny[1]![1], width: 1, mlp: 1 }, { steps: ones });
  const draws = new Draws(2, "reach");
  const sampled = new Set<string>(), walked = new Set<string>();
  let at = space.largest();
  for (let i = 0; i < 4000; i++) {
    sampled.add(space.textOf(space.sample(draws)));
    at = space.mutate(at, draws);
    walked.add(space.textOf(at));
  }
  assertEquals([sampled.size, walked.size], [space.count(), space.count()]);
});

Deno.test("a space is counted up to 2^53 and not beyond", () => {
  const dimensions = { layers: 1, width: 8, groups: 1, headsInGroup: 1, headSize: 2, rotary: 2, mlp: 52 };
  const options = { steps: { ...ones, width: 8 } };
  assertEquals(searchSpace("fine-uniform", dimensions, options).count(), 2 ** 52 - 1);
  assertEquals(searchSpace("fine-uniform", { ...dimensions, mlp: 53 }, options).count(), 2 ** 53 - 1);
  assertEquals(searchSpace("fine-uniform", { ...dimensions, mlp: 54 }, options).count(), undefined);
  const deep = (layers: number) =>
    searchSpace("coarse-layerwise", { ...dimensions, layers, mlp: 2 }, { ...options, fixed: ["layers"] }).count();
  assertEquals([deep(52), deep(53)], [2 ** 52, undefined]);
  const pythia = dimensionsOf(presets["1b"].config);
  assertEquals(searchSpace("fine-layerwise", pythia).count(), undefined);
  // 16 depths, 256 widths, 8 numbers of heads, 97 head sizes from 64 to 256, 1024 feed-forward widths.
  assertEquals(searchSpace("coarse-uniform", pythia).count(), 16 * 256 * 8 * 97 * 1024);
});
