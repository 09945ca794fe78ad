import { assert, assertEquals, assertThrows } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { BlockShape } from "../../lib/model/block_shape.ts";
import { fromHuggingFace, toHuggingFace } from "../../lib/model/config_json.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { logits } from "../../lib/model/forward.ts";
import { Model } from "../../lib/model/model.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { extract } from "../../lib/subnet/extract.ts";
import { exported } from "../../lib/subnet/export.ts";
import { uniform, uniformConfig } from "../../lib/subnet/uniform.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "../model/small_neox.ts";
import { randomSubNetwork } from "./random_sub_network.ts";

const device = await openDevice("cpu");
const teacherConfig: GPTNeoXConfig = { ...smallNeoX, layers: 3, width: 64, heads: 4, rotaryFraction: 0.5 };
const teacher = await Model.create(device, teacherConfig, largeParameters(teacherConfig));
const tokens = randomTokens(teacherConfig, 3, teacherConfig.sequence);
Deno.test.afterAll(() => device[Symbol.dispose]());

/** A model of these blocks with large weights. */
function modelOf(blocks: readonly BlockShape[], width: number) {
  const config = { ...smallNeoX, layers: blocks.length, width, blocks };
  return { config, parameters: largeParameters(config) };
}

async function logitsOf({ config, parameters }: ReturnType<typeof uniform>): Promise<Float32Array> {
  using model = await Model.create(device, config, parameters);
  return await logits(model, tokens);
}

Deno.test("a padded student has no shapes of its own and the student's logits", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const subNetwork = randomSubNetwork(dimensionsOf(teacherConfig), new Draws(seed, "uniform"), { layers: true });
    using student = await extract(teacher, subNetwork);
    const padded = uniform({ config: student.config, parameters: await student.parameters() });
    assertEquals(padded.config.blocks, undefined);
    assertEquals(fromHuggingFace(toHuggingFace(padded.config)), padded.config);
    const error = relativeError(await logitsOf(padded), await logits(student, tokens));
    assert(error < 1e-6, `seed ${seed}: relative error ${error}`);
  }
});

Deno.test("where heads keep the teacher's size, the padded logits are the student's to the last bit", async () => {
  const blocks = [
    { heads: 1, headSize: 16, rotary: 8, mlpWidth: 50 },
    { heads: 4, headSize: 16, rotary: 8, mlpWidth: 17 },
  ];
  const model = modelOf(blocks, 64);
  assertEquals(await logitsOf(uniform(model)), await logitsOf(model));
});

Deno.test("pairs that were dropped come back as zeros where their frequencies stand", () => {
  const shape = { heads: 2, headSize: 5, mlpWidth: 50 };
  const one = [{ ...shape, rotary: 4, exponents: [0.25, 0.75] }];
  const { heads, rotaryFraction } = uniformConfig(modelOf(one, 18).config);
  assertEquals(
    [heads, rotaryFraction * 9],
    [2, 8],
    "of eight rotated dimensions the pairs 1 and 3, and one that passes",
  );
  const other = [...one, { ...shape, rotary: 2, exponents: [1 / 3] }];
  assertEquals(uniformConfig(modelOf(other, 54).config).heads, 2, "two heads of 27 dimensions, 24 of them rotated");
});

Deno.test("blocks alike but for the scale of their scores only have their queries changed", async () => {
  const block = { heads: 4, headSize: 16, rotary: 8, scale: 0.1, mlpWidth: 50 };
  const model = modelOf([block, block], 64);
  const found = uniform(model);
  for (const [name, values] of model.parameters) {
    assertEquals(found.parameters.get(name)!.length, values.length, name);
    if (!name.includes("query_key_value")) assertEquals(found.parameters.get(name), values, name);
  }
  assert(relativeError(await logitsOf(found), await logitsOf(model)) < 1e-6);
});

Deno.test("heads that share keys and values get copies of them, and the logits stay", async () => {
  const shape = { headSize: 16, rotary: 8, mlpWidth: 50 };
  const groups = (heads: number, queryGroups: number) => ({ ...shape, heads, queryGroups });
  for (const blocks of [[groups(4, 2), groups(4, 2)], [groups(4, 1), groups(2, 1)], [groups(3, 3), groups(4, 2)]]) {
    const model = modelOf(blocks, 64);
    const padded = uniform(model);
    assertEquals([padded.config.blocks, padded.config.heads], [undefined, 4]);
    const error = relativeError(await logitsOf(padded), await logitsOf(model));
    assert(error < 1e-6, `${JSON.stringify(blocks)}: relative error ${error}`);
  }
});

Deno.test("a folder keeps query groups in a part of its own unless every reader must know the shape", () => {
  const block = { heads: 4, queryGroups: 2, headSize: 16, rotary: 8, mlpWidth: 50 };
  const model = modelOf([block, block], 64);
  assertEquals(exported(model), model);
  assertEquals(fromHuggingFace(toHuggingFace(exported(model).config)), model.config);
  assertEquals(exported(model, { uniform: true }), uniform(model));
  const own = modelOf([{ ...block, queryGroups: 4 }, { ...block, queryGroups: 4 }], 64);
  assertEquals(exported(own).config.blocks, undefined);
});

Deno.test("a model without shapes of its own is returned as it is", () => {
  const model = { config: teacherConfig, parameters: largeParameters(teacherConfig) };
  assertEquals(uniform(model), model);
});

Deno.test("what no config.json can say is refused with the rule", () => {
  const wide = [{ heads: 5, headSize: 16, rotary: 8, mlpWidth: 50 }];
  assertThrows(() => uniform(modelOf(wide, 64)), RangeError, "5 heads of at least 16 dimensions must fit the width");
  const strange = [{ heads: 1, headSize: 16, rotary: 2, exponents: [Math.SQRT1_2], mlpWidth: 50 }];
  assertThrows(() => uniform(modelOf(strange, 64)), RangeError, "the rotary frequencies of all blocks must be among");
});
