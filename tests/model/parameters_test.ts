import { assertEquals } from "@std/assert";
import { sizeOf } from "../../lib/graph/tensor.ts";
import { countParameters, parameterSpecs } from "../../lib/model/parameters.ts";
import { type PresetName, presets } from "../../lib/model/presets.ts";

const { config: tiny } = presets.tiny;

Deno.test("the parameter specs add up to the published sizes of the Pythia models", () => {
  const published: Partial<Record<PresetName, number>> = {
    "14m": 14_067_712,
    "70m": 70_426_624,
    "160m": 162_322_944,
    "410m": 405_334_016,
    "1b": 1_011_781_632,
  };
  for (const [name, count] of Object.entries(published)) {
    const { config } = presets[name as PresetName];
    assertEquals(countParameters(config), count, name);
    assertEquals(parameterSpecs(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0), count, name);
  }
});

Deno.test("the closed form counts what the specs list, with every combination of options", () => {
  for (const tiedEmbeddings of [false, true]) {
    for (const attentionBias of [false, true]) {
      const config = { ...tiny, mlpWidth: 37, layers: 3, tiedEmbeddings, attentionBias };
      const sum = parameterSpecs(config).reduce((total, { shape }) => total + sizeOf(shape), 0);
      assertEquals(countParameters(config), sum);
    }
  }
});

Deno.test("blocks of different shapes have their own tensors' shapes, and the closed form counts them", () => {
  const blocks = [
    { heads: 2, headSize: 6, rotary: 2, mlpWidth: 7 },
    { heads: 3, headSize: 4, rotary: 4, mlpWidth: 9 },
    { heads: 6, queryGroups: 2, headSize: 4, rotary: 4, mlpWidth: 9 },
  ];
  const config = { ...tiny, layers: 3, width: 10, blocks };
  const shapes = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  const at = (layer: number, name: string) => shapes.get(`gpt_neox.layers.${layer}.${name}.weight`);
  assertEquals(at(0, "attention.query_key_value"), [36, 10]);
  assertEquals(at(0, "attention.dense"), [10, 12]);
  assertEquals(at(0, "mlp.dense_4h_to_h"), [10, 7]);
  assertEquals(at(1, "mlp.dense_h_to_4h"), [9, 10]);
  assertEquals(at(2, "attention.query_key_value"), [40, 10]);
  assertEquals(at(2, "attention.dense"), [10, 24]);
  const sum = parameterSpecs(config).reduce((total, { shape }) => total + sizeOf(shape), 0);
  assertEquals(countParameters(config), sum);
});

Deno.test("a one-layer model has Hugging Face's tensor names and shapes", () => {
  const specs = parameterSpecs({ ...tiny, layers: 1, width: 8, mlpWidth: 12, vocabularySize: 5 });
  assertEquals(specs.map(({ name, shape }) => `${name} ${shape}`), [
    "gpt_neox.embed_in.weight 5,8",
    "gpt_neox.layers.0.input_layernorm.weight 8",
    "gpt_neox.layers.0.input_layernorm.bias 8",
    "gpt_neox.layers.0.post_attention_layernorm.weight 8",
    "gpt_neox.layers.0.post_attention_layernorm.bias 8",
    "gpt_neox.layers.0.attention.query_key_value.weight 24,8",
    "gpt_neox.layers.0.attention.query_key_value.bias 24",
    "gpt_neox.layers.0.attention.dense.weight 8,8",
    "gpt_neox.layers.0.attention.dense.bias 8",
    "gpt_neox.layers.0.mlp.dense_h_to_4h.weight 12,8",
    "gpt_neox.layers.0.mlp.dense_h_to_4h.bias 12",
    "gpt_neox.layers.0.mlp.dense_4h_to_h.weight 8,12",
    "gpt_neox.layers.0.mlp.dense_4h_to_h.bias 8",
    "gpt_neox.final_layer_norm.weight 8",
    "gpt_neox.final_layer_norm.bias 8",
    "embed_out.weight 5,8",
  ]);
});

Deno.test("options take away what they name: attention biases, the output projection", () => {
  const names = (changes: object) => parameterSpecs({ ...tiny, ...changes }).map(({ name }) => name);
  const all = names({});
  assertEquals(all.filter((name) => !names({ attentionBias: false }).includes(name)), [
    "gpt_neox.layers.0.attention.query_key_value.bias",
    "gpt_neox.layers.0.attention.dense.bias",
    "gpt_neox.layers.1.attention.query_key_value.bias",
    "gpt_neox.layers.1.attention.dense.bias",
  ]);
  assertEquals(all.filter((name) => !names({ tiedEmbeddings: true }).includes(name)), ["embed_out.weight"]);
});

Deno.test("weight decay is for matrices alone", () => {
  for (const { name, shape, decay } of parameterSpecs(tiny)) assertEquals(decay, shape.length === 2, name);
});
