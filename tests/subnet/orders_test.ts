import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkSubNetwork } from "../../lib/subnet/check.ts";
import { IllegalSubNetworkError } from "../../lib/subnet/illegal_sub_network_error.ts";
import { evenlySpacedOf, type Importance, orderedBy, prefixOf } from "../../lib/subnet/orders.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import { type BlockSizes, sizesOf, type SubNetworkSizes } from "../../lib/subnet/sizes.ts";
import { cases, isMember, membersOf, ones } from "./teachers.ts";

/** Dimensions 0 to 3 of a head are rotated, in the pairs (0, 2) and (1, 3); 4 to 7 are not. */
const dimensions = { layers: 3, width: 5, groups: 3, headsInGroup: 2, headSize: 8, rotary: 4, mlp: 6 };
const uniform = searchSpace("fine-uniform", dimensions, { steps: ones });
const layerwise = searchSpace("fine-layerwise", dimensions, { steps: ones });
const paired = searchSpace("fine-uniform", dimensions, { steps: ones, pairs: true });
const coarse = searchSpace("coarse-uniform", dimensions, { steps: ones });

const block: BlockSizes = { groups: 2, headsInGroup: 1, headDims: 6, mlp: 3 };
const sizes: SubNetworkSizes = { width: 3, blocks: [block, block] };

const scores = { groups: [3, 1, 2], headsInGroup: [0, 1], headDims: [0, 0, 0, 0, 3, 9, 1, 5], mlp: [1, 2, 3, 4, 5, 6] };
const importance: Importance = {
  layers: [1, 0, 2],
  width: [5, 1, 4, 2, 3],
  blocks: [
    scores,
    { ...scores, mlp: [1000, 0, 0, 0, 0, 0] },
    { ...scores, groups: Float32Array.of(0, 4, 3), mlp: [9, 8, 7, 0, 0, 0] },
  ],
};

Deno.test("prefixes of all sizes are members, of every space", () => {
  for (const each of cases) {
    for (const member of membersOf(each, 10)) {
      const first = prefixOf(sizesOf(member), each.space);
      assertEquals(sizesOf(first), sizesOf(member));
      assertEquals(checkSubNetwork(first, each.dimensions, each.options), first);
      assert(isMember(first, each));
      if (!each.space.fine) assertEquals(first, member);
    }
  }
});

Deno.test("evenly spaced and most important indices of all sizes are members, of every fine space", () => {
  for (const each of cases.filter(({ space }) => space.fine)) {
    const { layers, width, groups, headsInGroup, headSize, mlp } = each.dimensions;
    const score = (count: number, seed: number) => Array.from({ length: count }, (_, i) => (i * 7 + seed * 3) % 11);
    const order = orderedBy({
      layers: score(layers, 0),
      width: score(width, 1),
      blocks: Array.from({ length: layers }, (_, layer) => ({
        ...{ groups: score(groups, layer), headsInGroup: score(headsInGroup, layer) },
        ...{ headDims: score(headSize, layer), mlp: score(mlp, layer) },
      })),
    });
    for (const member of membersOf(each, 10)) {
      for (const memberOf of [evenlySpacedOf, order]) {
        const other = memberOf(sizesOf(member), each.space);
        assertEquals(sizesOf(other), sizesOf(member));
        assertEquals(checkSubNetwork(other, each.dimensions, each.options), other);
        assert(isMember(other, each));
      }
    }
  }
});

Deno.test("evenly spaced indices begin with the first and end with the last, behind all rotary pairs", () => {
  const spaced = { groups: [0, 2], headsInGroup: [0], headDims: [0, 1, 2, 3, 4, 7], mlp: [0, 3, 5] };
  assertEquals(evenlySpacedOf(sizes, uniform), { layers: [0, 2], width: [0, 2, 4], blocks: [spaced, spaced] });
});

Deno.test("layers go by their own scores in a layerwise space", () => {
  const dims = { headsInGroup: [1], headDims: [0, 1, 2, 3, 5, 7] };
  assertEquals(orderedBy(importance)(sizes, layerwise), {
    layers: [0, 2],
    width: [0, 2, 4],
    blocks: [{ groups: [0, 2], ...dims, mlp: [3, 4, 5] }, { groups: [1, 2], ...dims, mlp: [0, 1, 2] }],
  });
});

Deno.test("kept layers go by the sum of their scores in a uniform space", () => {
  const { blocks: [first, second] } = orderedBy(importance)(sizes, uniform);
  // Layers 0 and 2: 3, 5 and 5 for groups; 10, 10, 10, 4, 5 and 6 for the feed-forward network.
  assertEquals([first!.groups, first!.mlp], [[1, 2], [0, 1, 2]]);
  assertEquals(second, first);
});

Deno.test("a rotary pair goes by the sum of both dimensions, against the single ones", () => {
  const small = { width: 3, blocks: [{ ...block, headDims: 4 }] };
  const headDims = (...scored: number[]) => {
    const blocks = importance.blocks.map((each) => ({ ...each, headDims: scored }));
    return orderedBy({ ...importance, blocks })(small, paired).blocks[0]!.headDims;
  };
  assertEquals(headDims(5, 0, 0, 6, 1, 1, 1, 1), [0, 1, 2, 3]);
  assertEquals(headDims(5, 0, 0, 6, 1, 9, 1, 1), [1, 3, 4, 5]);
  assertEquals(prefixOf(small, paired).blocks[0]!.headDims, [0, 1, 2, 3]);
});

Deno.test("sizes that a space does not have are refused", () => {
  const wrong: [SubNetworkSizes, argument: string, rule: string, found: number][] = [
    [{ width: 6, blocks: [block] }, "width", "a size of width in fine-uniform (1, 2, 3, 4, 5)", 6],
    [{ width: 5, blocks: [] }, "blocks.length", "a size of layers in fine-uniform (1, 2, 3)", 0],
    [
      { width: 5, blocks: [block, { ...block, headDims: 3 }] },
      ...["blocks[1].headDims", "a size of headDims in fine-uniform (4, 5, 6, 7, 8)"] as const,
      3,
    ],
    [
      { width: 5, blocks: [block, { ...block, mlp: 4 }] },
      ...["blocks[1].mlp", "3, as in blocks[0], because all layers of fine-uniform are the same"] as const,
      4,
    ],
  ];
  for (const [value, argument, rule, found] of wrong) {
    const error = assertThrows(() => evenlySpacedOf(value, uniform), IllegalSubNetworkError);
    assertEquals({ argument: error.argument, rule: error.rule, found: error.found }, { argument, rule, found });
  }
});

Deno.test("coarse spaces have first indices only, and scores must be complete", () => {
  const message = "Cannot choose indices in coarse-uniform: the space must be a fine one, found one of first indices";
  assertThrows(() => evenlySpacedOf(sizes, coarse), RangeError, message);
  assertThrows(() => orderedBy(importance)(sizes, coarse), RangeError, message);
  const wrong: [object, string][] = [
    [{ width: [1] }, "'width' must be a list of 5 scores, found 1"],
    [{ layers: [1, NaN, 3] }, "'layers[1]' must be a finite number, found NaN"],
    [{ blocks: [scores] }, "'blocks' must be a list of 3 blocks, found 1"],
    [{ blocks: [scores, scores, { ...scores, mlp: [] }] }, "'blocks[2].mlp' must be a list of 6 scores, found 0"],
  ];
  for (const [changes, expected] of wrong) {
    assertThrows(() => orderedBy({ ...importance, ...changes })(sizes, uniform), RangeError, expected);
  }
});
