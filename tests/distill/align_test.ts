import { assertEquals, assertThrows } from "@std/assert";
import { alignHidden, type AlignOptions, describeAlignment } from "../../lib/distill/align.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import type { HiddenAlignment } from "../../lib/model/hidden_alignment.ts";
import { inheritanceJson } from "../../lib/subnet/inheritance.ts";
import { smallNeoX } from "../model/small_neox.ts";

const teacher = { config: { ...smallNeoX, layers: 6, width: 32, heads: 4 }, hash: "a".repeat(64) };
const student: GPTNeoXConfig = { ...smallNeoX, layers: 2, width: 4, heads: 1 };
const block = { groups: [0], headsInGroup: [0], headDims: [0, 1], mlp: [3] };
const subNetwork = { layers: [1, 4], width: [0, 2, 8, 31], blocks: [block, block] };
const own = inheritanceJson(subNetwork, teacher.hash);

const align = (subnetJson?: unknown, options: Partial<AlignOptions> = {}) =>
  alignHidden({ layerMap: "auto", form: "mse", ...options }, { config: student, subnetJson }, teacher);

Deno.test("a student that was cut out of this teacher has its layers and coordinates", () => {
  const expected: HiddenAlignment = { layers: [[0, 1], [1, 4]], width: [0, 2, 8, 31], form: "mse" };
  assertEquals(align(own), expected);
  assertEquals(align(own, { layerMap: "inherited" }), expected);
  assertEquals(align(JSON.parse(JSON.stringify(own))), expected);
  assertEquals(
    describeAlignment(align(own)),
    "hidden states: after blocks 0, 1 the student imitates its teacher's after 1, 4, in the 4 coordinates that it kept",
  );
});

Deno.test("the coordinates are the student's own whatever layers are compared", () => {
  assertEquals(align(own, { layerMap: "even" }), { layers: [[0, 2], [1, 5]], width: [0, 2, 8, 31], form: "mse" });
  assertEquals(align(own, { layerMap: "1:0" }).layers, [[1, 0]]);
});

Deno.test("any other student is projected, with its layers spread evenly unless they are named", () => {
  const expected: HiddenAlignment = { layers: [[0, 2], [1, 5]], width: undefined, form: "mse" };
  assertEquals(align(), expected);
  assertEquals(align({ ...own, teacher: "b".repeat(64) }), expected);
  assertEquals(align(undefined, { layerMap: "0:3" }).layers, [[0, 3]]);
  assertEquals(
    describeAlignment(align()),
    "hidden states: after blocks 0, 1 the student imitates its teacher's after 2, 5, through a projection that is " +
      "learned with it",
  );
});

Deno.test("inherited layers need an inheritance from this teacher", () => {
  for (const json of [undefined, { ...own, teacher: "b".repeat(64) }]) {
    assertThrows(() => align(json, { layerMap: "inherited" }), RangeError, "inherited ones must be in the subnet.json");
  }
});

Deno.test("a subnet.json that is none of this student is refused", () => {
  const broken: [unknown, string][] = [
    [3, "'teacher' must be the SHA-256 of a teacher's weights, found 3"],
    [{ ...own, teacher: undefined }, "'teacher' must be the SHA-256 of a teacher's weights, found nothing"],
    [{ ...own, width: [0, 2, 8, 32] }, "'width[3]' must be a whole number from 0 to 31, found 32"],
    [{ ...own, layers: [4, 1] }, "'layers[1]' must be above 4"],
    [{ ...own, width: [0, 2, 8] }, "'width' must be a list of the student's 4, found 3"],
  ];
  for (const [json, rule] of broken) assertThrows(() => align(json), RangeError, rule);
});
