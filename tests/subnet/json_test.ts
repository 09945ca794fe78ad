import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { canonicalJson } from "../../lib/data/hash.ts";
import { hashSubNetwork, parseSubNetwork, printSubNetwork } from "../../lib/subnet/json.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { cases, membersOf, teachers } from "./teachers.ts";

const small: SubNetwork = {
  layers: [1],
  width: [0, 2],
  blocks: [{ groups: [3], headsInGroup: [0], headDims: [0, 2], mlp: [4, 17] }],
};
const text = '{"blocks":[{"groups":[3],"headDims":[0,2],"headsInGroup":[0],"mlp":[4,17]}],"layers":[1],"width":[0,2]}';

Deno.test("a sub-network has one text, the canonical JSON", () => {
  assertEquals(printSubNetwork(small), text);
  for (const each of cases) {
    for (const member of membersOf(each, 5)) {
      assertEquals(printSubNetwork(member), canonicalJson(member));
      assertEquals(each.space.textOf(member), printSubNetwork(member));
      assertEquals(parseSubNetwork(printSubNetwork(member), each.dimensions, each.options), member);
    }
  }
});

Deno.test("what stands beside a sub-network is neither read nor printed", () => {
  const best = { fitness: 3.5, ...small, parameters: 10, teacher: "a hash" };
  assertEquals(parseSubNetwork(best, teachers.multiHead), small);
  assertEquals(parseSubNetwork(JSON.stringify(best), teachers.multiHead), small);
  assertEquals(printSubNetwork(best), text);
});

Deno.test("a text that is no sub-network is refused", () => {
  const message = "'subNetwork' must be an object written as JSON, found \"{layers: []}\"";
  assertThrows(() => parseSubNetwork("{layers: []}", teachers.multiHead), RangeError, message);
  assertThrows(
    () => parseSubNetwork("3", teachers.multiHead),
    RangeError,
    "'subNetwork' must be an object with layers",
  );
});

Deno.test("the hash is that of the text, whatever the order of keys, and another for another sub-network", async () => {
  const [block] = small.blocks;
  const { groups, headsInGroup, headDims, mlp } = block!;
  const shuffled = { blocks: [{ mlp, headDims, groups, headsInGroup }], width: small.width, layers: small.layers };
  const hash = "241f1cde4367bd6dcde1f7dc8430303d8c8d75d1fd1778c0bddd507316bc2fd8";
  assertEquals(await hashSubNetwork(small), hash);
  assertEquals(await hashSubNetwork(shuffled), hash);
  assertEquals(await hashSubNetwork(parseSubNetwork({ fitness: 1, ...shuffled }, teachers.multiHead)), hash);
  assertNotEquals(await hashSubNetwork({ ...small, layers: [2] }), hash);
});
