import { assertEquals, assertThrows } from "@std/assert";
import { fromHuggingFace, toHuggingFace } from "../../lib/model/config_json.ts";
import { presetNames, presets } from "../../lib/model/presets.ts";

/** The fields of a released Pythia model's file that matter, in the names of 2023. */
const pythia = {
  architectures: ["GPTNeoXForCausalLM"],
  bos_token_id: 0,
  eos_token_id: 0,
  hidden_act: "gelu",
  hidden_size: 512,
  initializer_range: 0.02,
  intermediate_size: 2048,
  layer_norm_eps: 1e-05,
  max_position_embeddings: 2048,
  model_type: "gpt_neox",
  num_attention_heads: 8,
  num_hidden_layers: 6,
  rotary_emb_base: 10000,
  rotary_pct: 0.25,
  tie_word_embeddings: false,
  torch_dtype: "float16",
  transformers_version: "4.24.0",
  use_cache: true,
  use_parallel_residual: true,
  vocab_size: 50304,
};

const { rotary_pct: _share, rotary_emb_base: _base, ...withoutRotary } = pythia;

Deno.test("a Pythia file is the preset of its size", () => {
  assertEquals(fromHuggingFace(pythia), presets["70m"].config);
});

Deno.test("every preset comes back from its own file", () => {
  for (const name of presetNames) {
    const { config } = presets[name];
    assertEquals(fromHuggingFace(JSON.parse(JSON.stringify(toHuggingFace(config)))), config);
  }
});

Deno.test("every option comes back from a file", () => {
  const { bosToken: _bos, eosToken: _eos, ...config } = presets.tiny.config;
  const options = {
    ...config,
    rotaryFraction: 0.5,
    rotaryBase: 500,
    parallelResidual: false,
    attentionBias: false,
    epsilon: 1e-6,
    tiedEmbeddings: true,
    activation: "gelu_tanh",
    initialRange: 0.01,
  } as const;
  assertEquals(fromHuggingFace(toHuggingFace(options)), options);
});

Deno.test("shapes of blocks come back from a file, in a part of it that others do not read", () => {
  const block = { heads: 3, headSize: 10, rotary: 4, mlpWidth: 50 };
  const other = { ...block, queryGroups: 1, exponents: [0, 0.75], scale: 0.2 };
  const config = { ...presets.tiny.config, layers: 2, blocks: [block, other] };
  assertEquals(fromHuggingFace(JSON.parse(JSON.stringify(toHuggingFace(config)))), config);
  assertEquals(Object.hasOwn(toHuggingFace(presets.tiny.config), "offshoot"), false);
});

Deno.test("the newer names of the rotary settings are read, at the top and in rope_parameters", () => {
  const flat = fromHuggingFace({ ...withoutRotary, partial_rotary_factor: 0.5, rope_theta: 500 });
  const nested = fromHuggingFace({
    ...withoutRotary,
    rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5, rope_theta: 500 },
  });
  for (const { rotaryFraction, rotaryBase } of [flat, nested]) assertEquals([rotaryFraction, rotaryBase], [0.5, 500]);
});

Deno.test("absent options take the defaults of transformers, absent sizes do not", () => {
  const { rotaryFraction, rotaryBase } = fromHuggingFace(withoutRotary);
  assertEquals([rotaryFraction, rotaryBase], [0.25, 10_000]);
  const { hidden_size: _, ...rest } = pythia;
  assertThrows(() => fromHuggingFace(rest), TypeError, "'hidden_size' must be a number, found nothing");
});

Deno.test("all three tanh spellings are one activation", () => {
  for (const hidden_act of ["gelu_new", "gelu_fast", "gelu_pytorch_tanh"]) {
    assertEquals(fromHuggingFace({ ...pythia, hidden_act }).activation, "gelu_tanh");
  }
});

const refused: [changes: object, message: string][] = [
  [{ model_type: "llama" }, `'model_type' must be gpt_neox, found "llama"`],
  [{ architectures: ["GPTNeoXModel"] }, `'architectures' must be a list with GPTNeoXForCausalLM`],
  [{ num_attention_heads: 7 }, "'num_attention_heads' must be a divisor of 'hidden_size' = 512, found 7"],
  [{ rotary_pct: 0.08 }, "'rotary_pct' must be a share of the head size 64"],
  [{ hidden_act: "relu" }, `'hidden_act' must be one of gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, found "relu"`],
  [{ hidden_act: "toString" }, `found "toString"`],
  [{ partial_rotary_factor: 0.5 }, "'partial_rotary_factor' must be equal to 'rotary_pct' = 0.25, found 0.5"],
  [{ rope_scaling: { type: "linear", factor: 2 } }, `'rope_scaling.rope_type' must be default`],
  [{ rope_parameters: { rope_type: "yarn" } }, `found "yarn"`],
  [{ hidden_dropout: 0.1 }, "'hidden_dropout' must be 0"],
  [{ quantization_config: { bits: 4 } }, "'quantization_config' must be absent"],
  [{ offshoot: 1 }, "'offshoot' must be an object with a list of blocks, found 1"],
  [{ offshoot: { blocks: [1] } }, "'offshoot.blocks' must be a list of objects, found 1"],
  [
    { offshoot: { blocks: [{ size: 1 }] } },
    "must be made of heads, queryGroups, headSize, rotary, exponents, scale, mlpWidth, found",
  ],
  [{ offshoot: { blocks: [{ exponents: 1 }] } }, "'offshoot.blocks.exponents' must be a list of numbers, found 1"],
  [
    {
      num_hidden_layers: 1,
      offshoot: { blocks: [{ heads: 4, headSize: 8, rotary: 2, mlpWidth: 9, queryGroups: "2" }] },
    },
    "'offshoot.blocks[0].queryGroups' must be a divisor of its 4 heads, found 2",
  ],
  [{ offshoot: { blocks: [] } }, "'offshoot.blocks' must be 6 shapes, one for each layer, found 0"],
  [{ num_hidden_layers: -1 }, "'num_hidden_layers' must be a positive integer, found -1"],
];

for (const [changes, message] of refused) {
  Deno.test(`a file with ${JSON.stringify(changes)} is refused with the field and the value`, () => {
    assertThrows(() => fromHuggingFace({ ...pythia, ...changes }), RangeError, message);
  });
}

Deno.test("wrong types are refused, in a field or for the whole file", () => {
  assertThrows(() => fromHuggingFace({ ...pythia, vocab_size: "50304" }), TypeError, `must be a number, found "50304"`);
  assertThrows(() => fromHuggingFace({ ...pythia, use_parallel_residual: 1 }), TypeError, "must be a boolean, found 1");
  assertThrows(() => fromHuggingFace([pythia]), TypeError, "must be a JSON object");
  assertThrows(() => fromHuggingFace(null), TypeError, "must be a JSON object, found null");
});
