import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { sizeOf } from "../../lib/graph/tensor.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { parameterSpecs } from "../../lib/model/parameters.ts";
import { presets } from "../../lib/model/presets.ts";

const { config } = presets.small;
const parameters = initialise(config, 7);

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

Deno.test("every parameter is there, in order, with the size of its shape", () => {
  const expected = parameterSpecs(config).map(({ name, shape }) => [name, sizeOf(shape)]);
  assertEquals([...parameters].map(([name, values]) => [name, values.length]), expected);
});

Deno.test("matrices have the deviations of Pythia's initialisation, within sampling error", () => {
  const small = Math.sqrt(2 / (5 * 128)), output = 2 / 4 / Math.sqrt(128);
  for (const { name, shape } of parameterSpecs(config).filter(({ shape }) => shape.length === 2)) {
    const { mean, deviation } = moments(parameters.get(name)!);
    const expected = /attention\.dense|dense_4h_to_h/.test(name) ? output : small;
    const count = sizeOf(shape);
    assertAlmostEquals(deviation, expected, 5 * expected / Math.sqrt(2 * count), name);
    assertAlmostEquals(mean, 0, 5 * expected / Math.sqrt(count), name);
  }
});

Deno.test("gains are one and biases zero", () => {
  for (const { name, shape } of parameterSpecs(config).filter(({ shape }) => shape.length === 1)) {
    const expected = /(layernorm|layer_norm)\.weight$/.test(name) ? 1 : 0;
    assert(parameters.get(name)!.every((value) => value === expected), `${name} ${shape}`);
  }
});

Deno.test("the same seed gives the same bits, another seed and another tensor give others", () => {
  const tiny = presets.tiny.config;
  const name = "gpt_neox.layers.0.attention.dense.weight";
  assertEquals(initialise(tiny, 1), initialise(tiny, 1));
  assertNotEquals(initialise(tiny, 1).get(name), initialise(tiny, 2).get(name));
  assertNotEquals(initialise(tiny, 1).get(name), initialise(tiny, 1).get(name.replace("0", "1")));
});

Deno.test("a tensor does not depend on which other tensors the model has", () => {
  const tiny = presets.tiny.config;
  const name = "gpt_neox.layers.1.attention.query_key_value.weight";
  assertEquals(initialise(tiny, 1).get(name), initialise({ ...tiny, tiedEmbeddings: true, layers: 3 }, 1).get(name));
});
