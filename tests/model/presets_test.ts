import { assertEquals, assertThrows } from "@std/assert";
import { checkConfig, headSize } from "../../lib/model/config.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { preset, presetNames, presets } from "../../lib/model/presets.ts";

Deno.test("every preset keeps the rules of the architecture", () => {
  for (const name of presetNames) checkConfig(preset(name).config);
});

Deno.test("the names run from the smallest model to the largest", () => {
  const own = presetNames.slice(0, 3).map((name) => countParameters(presets[name].config));
  const pythia = presetNames.slice(3).map((name) => countParameters(presets[name].config));
  for (const counts of [own, pythia]) assertEquals(counts, counts.toSorted((a, b) => a - b));
  assertEquals(own[1], 1_317_632);
});

Deno.test("the Pythia presets have the head sizes of the released models", () => {
  const sizes = presetNames.slice(3).map((name) => headSize(presets[name].config));
  assertEquals(sizes, [32, 32, 64, 64, 64, 256]);
});

Deno.test("an unknown preset is refused with the names there are", () => {
  assertThrows(() => preset("7b"), RangeError, "preset '7b': it must be one of tiny, small, teacher, 14m");
});
