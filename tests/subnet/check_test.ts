import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { checkSubNetwork } from "../../lib/subnet/check.ts";
import { IllegalSubNetworkError } from "../../lib/subnet/illegal_sub_network_error.ts";
import { parseSubNetwork } from "../../lib/subnet/json.ts";
import type { RopeOptions } from "../../lib/subnet/rope.ts";
import type { SubBlock } from "../../lib/subnet/sub_network.ts";
import { cases, membersOf } from "./teachers.ts";

/** Dimensions 0 to 3 of a head are rotated, in the pairs (0, 2) and (1, 3); 4 to 7 are not. */
const dimensions = { layers: 4, width: 10, groups: 3, headsInGroup: 2, headSize: 8, rotary: 4, mlp: 12 };
const block: SubBlock = { groups: [0, 2], headsInGroup: [1], headDims: [1, 3, 6], mlp: [2, 3, 11] };
const legal = { layers: [0, 3], width: [1, 4, 9], blocks: [block, { ...block, mlp: [7] }] };

const withBlock = (changes: object) => ({ ...legal, blocks: [block, { ...block, ...changes }] });
const withDims = (...headDims: number[]) => withBlock({ headDims });
const without = (value: object, name: string) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));

function refusal(value: unknown, options?: RopeOptions): IllegalSubNetworkError {
  const error = assertThrows(() => checkSubNetwork(value, dimensions, options), IllegalSubNetworkError);
  assert(error instanceof RangeError);
  assert(error.message.startsWith(`Cannot use this sub-network: '${error.argument}' must be ${error.rule}, found `));
  assert(!error.message.includes("\n"));
  return error;
}

Deno.test("a legal sub-network is returned itself", () => {
  assertStrictEquals(checkSubNetwork(legal, dimensions), legal);
  const found = { ...legal, parameters: 1234, latency_ms: 0.5, fitness: 2.5 };
  assertStrictEquals(checkSubNetwork(found, dimensions), found);
});

Deno.test("members of every space are legal, before and after they were JSON", () => {
  for (const each of cases) {
    for (const member of membersOf(each, 5)) {
      const { dimensions, options } = each;
      assertStrictEquals(checkSubNetwork(member, dimensions, options), member);
      assertEquals(checkSubNetwork(JSON.parse(JSON.stringify(member)), dimensions, options), member);
    }
  }
});

const fields = "layers, width and blocks";
const blockFields = "groups, headsInGroup, headDims and mlp";
const together = (dim: number) => `kept together with ${dim}, as dimensions i and i + 2 rotate as a pair`;
const above = (previous: number) => `above ${previous}, the index before it, as lists ascend and have each index once`;
const onePair = "a list with at least one rotary pair (i, i + 2) of the first 4 dimensions";

const illegal: [what: string, value: unknown, argument: string, rule: string, found: unknown][] = [
  ["nothing", undefined, "subNetwork", `an object with ${fields}`, undefined],
  ["a list", [legal], "subNetwork", `an object with ${fields}`, [legal]],
  ["an unknown field", { ...legal, depth: 2 }, "depth", `absent, as the fields are ${fields}`, 2],
  [
    "an unknown field of a block",
    withBlock({ heads: [0] }),
    "blocks[1].heads",
    `absent, as the fields are ${blockFields}`,
    [0],
  ],
  [
    "a companion in a block",
    withBlock({ fitness: 1 }),
    "blocks[1].fitness",
    `absent, as the fields are ${blockFields}`,
    1,
  ],
  ["no layers", without(legal, "layers"), "layers", "a list of at least one index", undefined],
  ["an empty list", { ...legal, width: [] }, "width", "a list of at least one index", []],
  ["a text for a list", { ...legal, width: "0" }, "width", "a list of at least one index", "0"],
  ["an object for a list", { ...legal, width: { 0: 1, length: 1 } }, "width", "a list of at least one index", {
    0: 1,
    length: 1,
  }],
  ["an empty list in a block", withBlock({ groups: [] }), "blocks[1].groups", "a list of at least one index", []],
  ["no list in a block", withBlock({ mlp: undefined }), "blocks[1].mlp", "a list of at least one index", undefined],
  ["a fraction", { ...legal, width: [1, 2.5] }, "width[1]", "a whole number from 0 to 9", 2.5],
  ["a text for an index", { ...legal, width: ["1"] }, "width[0]", "a whole number from 0 to 9", "1"],
  ["a missing index", { ...legal, width: [1, , 2] }, "width[1]", "a whole number from 0 to 9", undefined],
  ["no number", { ...legal, width: [NaN] }, "width[0]", "a whole number from 0 to 9", NaN],
  ["a negative index", { ...legal, layers: [-1, 3] }, "layers[0]", "a whole number from 0 to 3", -1],
  ["an index of the teacher's size", { ...legal, layers: [0, 4] }, "layers[1]", "a whole number from 0 to 3", 4],
  ["too large an index", withBlock({ mlp: [3, 12] }), "blocks[1].mlp[1]", "a whole number from 0 to 11", 12],
  ["too large a head", withBlock({ headsInGroup: [2] }), "blocks[1].headsInGroup[0]", "a whole number from 0 to 1", 2],
  ["too large a group", withBlock({ groups: [3] }), "blocks[1].groups[0]", "a whole number from 0 to 2", 3],
  ["too large a dimension", withDims(1, 3, 8), "blocks[1].headDims[2]", "a whole number from 0 to 7", 8],
  ["a repeated index", { ...legal, width: [1, 4, 4] }, "width[2]", above(4), 4],
  ["a descending index", withBlock({ mlp: [3, 7, 5] }), "blocks[1].mlp[2]", above(7), 5],
  ["more layers than there are", { ...legal, layers: [0, 1, 2, 3, 3] }, "layers[4]", above(3), 3],
  ["no blocks", without(legal, "blocks"), "blocks", "a list of as many blocks as 'layers' keeps, 2", undefined],
  ["a block too few", { ...legal, blocks: [block] }, "blocks", "a list of as many blocks as 'layers' keeps, 2", 1],
  ["no block", { ...legal, blocks: [block, null] }, "blocks[1]", `an object with ${blockFields}`, null],
  ["half a rotary pair", withDims(0, 1, 3, 5), "blocks[1].headDims[0]", together(2), 0],
  ["the other half of a pair", withDims(1, 2, 3), "blocks[1].headDims[1]", together(0), 2],
  ["no rotary pair", withDims(4, 7), "blocks[1].headDims", onePair, [4, 7]],
];

for (const [what, value, argument, rule, found] of illegal) {
  Deno.test(`${what} is refused with its place, the rule and the value`, () => {
    const error = refusal(value);
    assertEquals({ argument: error.argument, rule: error.rule, found: error.found }, { argument, rule, found });
    assertThrows(() => parseSubNetwork(value, dimensions), IllegalSubNetworkError, `'${argument}' must be `);
  });
}

Deno.test("the message of a refusal is one line with the way out", () => {
  assertEquals(
    refusal(withDims(0, 1, 3)).message,
    "Cannot use this sub-network: 'blocks[1].headDims[0]' must be kept together with 2, as dimensions i and i + 2 " +
      'rotate as a pair, found 0; keep both or neither, or set rope to "rebuild"',
  );
  assertEquals(
    refusal(withBlock({ mlp: [0, 99] })).message,
    "Cannot use this sub-network: 'blocks[1].mlp[1]' must be a whole number from 0 to 11, found 99",
  );
});

Deno.test("a rebuilt rotary embedding takes any dimensions of which an even number is rotated", () => {
  const rope = "rebuild";
  for (const count of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const value = withDims(...[0, 1, 2, 3, 4, 5, 6, 7].slice(-count));
    // Half of the dimensions are rotated: 2 of 4 and 5, and 4 of 8.
    if ([4, 5, 8].includes(count)) {
      const other = { ...value, blocks: value.blocks.map(() => value.blocks[1]!) };
      assertStrictEquals(checkSubNetwork(other, dimensions, { rope }), other);
    } else {
      const { argument, rule, found } = refusal({ ...value, blocks: [value.blocks[1], block] }, { rope });
      assertEquals([argument, found], ["blocks[0].headDims", value.blocks[1]!.headDims]);
      assertEquals(rule, "a list of which 4/8 are an even number of dimensions to rotate, at least 2");
    }
  }
});
