/**
 * GPT-NeoX configs as Hugging Face's `config.json`.
 *
 * @module
 */

import { isObject, show } from "../unknown.ts";
import type { BlockShape } from "./block_shape.ts";
import { checkConfig, type GPTNeoXConfig } from "./config.ts";

type Activation = GPTNeoXConfig["activation"];

const activations: Readonly<Record<string, Activation>> = {
  gelu: "gelu",
  gelu_new: "gelu_tanh",
  gelu_fast: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
};

/** Where each setting stands in the file: the name we write first, then the names that newer files use. */
const paths: Readonly<Record<keyof GPTNeoXConfig, readonly [string, ...string[]]>> = {
  vocabularySize: ["vocab_size"],
  width: ["hidden_size"],
  layers: ["num_hidden_layers"],
  heads: ["num_attention_heads"],
  mlpWidth: ["intermediate_size"],
  sequence: ["max_position_embeddings"],
  rotaryFraction: ["rotary_pct", "partial_rotary_factor", "rope_parameters.partial_rotary_factor"],
  rotaryBase: ["rotary_emb_base", "rope_theta", "rope_parameters.rope_theta"],
  parallelResidual: ["use_parallel_residual"],
  attentionBias: ["attention_bias"],
  epsilon: ["layer_norm_eps"],
  tiedEmbeddings: ["tie_word_embeddings"],
  activation: ["hidden_act"],
  initialRange: ["initializer_range"],
  bosToken: ["bos_token_id"],
  eosToken: ["eos_token_id"],
  blocks: ["offshoot.blocks"],
};

/**
 * Reads a `config.json` of a GPT-NeoX language model.
 *
 * Where the file has `offshoot.blocks`, they are the shapes of the blocks: see {@linkcode GPTNeoXConfig.blocks}.
 *
 * The sizes must stand in the file; for the rest an absent field means the default of `transformers`. The rotary share
 * and base are also found under their newer names (`partial_rotary_factor`, `rope_theta`, `rope_parameters`); where one
 * setting stands under several names they must agree. Fields that do not change the model's function are ignored.
 * Dropout is refused, because training would silently differ from what the file asks for.
 *
 * @param json The parsed file.
 * @throws {TypeError} If a field is missing or has the wrong type.
 * @throws {RangeError} If a value is not supported or breaks a rule of the architecture.
 */
export function fromHuggingFace(json: unknown): GPTNeoXConfig {
  if (!isObject(json)) throw new TypeError(`Cannot read config.json: it must be a JSON object, found ${show(json)}`);
  refuseUnsupported(json);
  const number = (field: keyof GPTNeoXConfig, otherwise?: number) => read(json, field, "number", otherwise);
  const flag = (field: keyof GPTNeoXConfig, otherwise: boolean) => read(json, field, "boolean", otherwise);
  const hiddenAct = read(json, "activation", "string", "gelu");
  const activation = Object.hasOwn(activations, hiddenAct) ? activations[hiddenAct] : undefined;
  if (!activation) refuse("hidden_act", `one of ${Object.keys(activations).join(", ")}`, hiddenAct);
  const bosToken = find(json, "bosToken", "number");
  const eosToken = find(json, "eosToken", "number");
  const config: GPTNeoXConfig = {
    vocabularySize: number("vocabularySize"),
    width: number("width"),
    layers: number("layers"),
    heads: number("heads"),
    mlpWidth: number("mlpWidth"),
    sequence: number("sequence"),
    rotaryFraction: number("rotaryFraction", 0.25),
    rotaryBase: number("rotaryBase", 10_000),
    parallelResidual: flag("parallelResidual", true),
    attentionBias: flag("attentionBias", true),
    epsilon: number("epsilon", 1e-5),
    tiedEmbeddings: flag("tiedEmbeddings", false),
    activation,
    initialRange: number("initialRange", 0.02),
    ...(bosToken !== undefined && { bosToken }),
    ...(eosToken !== undefined && { eosToken }),
    ...readBlocks(json),
  };
  return checkConfig(config, (field) => paths[field][0]);
}

/**
 * Writes `config` as the object of a `config.json` that `transformers` and {@linkcode fromHuggingFace} read back.
 *
 * @param dtype What the weights beside it are stored as.
 */
export function toHuggingFace(
  config: GPTNeoXConfig,
  dtype: "float32" | "float16" = "float32",
): Record<string, unknown> {
  return {
    architectures: ["GPTNeoXForCausalLM"],
    model_type: "gpt_neox",
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.mlpWidth,
    max_position_embeddings: config.sequence,
    rotary_pct: config.rotaryFraction,
    rotary_emb_base: config.rotaryBase,
    use_parallel_residual: config.parallelResidual,
    attention_bias: config.attentionBias,
    layer_norm_eps: config.epsilon,
    tie_word_embeddings: config.tiedEmbeddings,
    hidden_act: config.activation === "gelu" ? "gelu" : "gelu_pytorch_tanh",
    hidden_dropout: 0,
    attention_dropout: 0,
    initializer_range: config.initialRange,
    bos_token_id: config.bosToken ?? null,
    eos_token_id: config.eosToken ?? null,
    torch_dtype: dtype,
    use_cache: true,
    ...(config.blocks && { offshoot: { blocks: config.blocks } }),
  };
}

const blockFields = ["heads", "queryGroups", "headSize", "rotary", "exponents", "scale", "mlpWidth"];

/** Reads the shapes of blocks that Hugging Face's fields cannot say, where the file has them. */
function readBlocks({ offshoot }: Record<string, unknown>): { readonly blocks?: readonly BlockShape[] } {
  if (offshoot == null) return {};
  const blocks = isObject(offshoot) ? offshoot.blocks : undefined;
  if (!Array.isArray(blocks)) refuse("offshoot", "an object with a list of blocks", offshoot);
  for (const block of blocks) {
    if (!isObject(block)) refuse("offshoot.blocks", "a list of objects", block);
    const unknown = Object.keys(block).find((field) => !blockFields.includes(field));
    if (unknown !== undefined) refuse("offshoot.blocks", `made of ${blockFields.join(", ")}`, unknown);
    if (block.exponents !== undefined && !Array.isArray(block.exponents)) {
      refuse("offshoot.blocks.exponents", "a list of numbers", block.exponents);
    }
  }
  return { blocks };
}

function refuseUnsupported(json: Record<string, unknown>): void {
  if (json.model_type !== "gpt_neox") refuse("model_type", "gpt_neox", json.model_type);
  const { architectures } = json;
  if (architectures != null && !(Array.isArray(architectures) && architectures.includes("GPTNeoXForCausalLM"))) {
    refuse("architectures", "a list with GPTNeoXForCausalLM", architectures);
  }
  for (const name of ["hidden_dropout", "attention_dropout"]) {
    const rule = "0, as there is no dropout here (set it to 0 to go on without)";
    if (json[name] != null && json[name] !== 0) refuse(name, rule, json[name]);
  }
  for (const name of ["rope_scaling", "rope_parameters"]) {
    const rope = json[name];
    if (rope == null) continue;
    if (!isObject(rope)) refuse(name, "an object or null", rope);
    const kind = rope.rope_type ?? rope.type ?? "default";
    if (kind !== "default") refuse(`${name}.rope_type`, "default, as scaled rotary embeddings are not supported", kind);
  }
  if (json.quantization_config != null) {
    refuse("quantization_config", "absent, as only float weights are read", json.quantization_config);
  }
}

interface Kinds {
  number: number;
  boolean: boolean;
  string: string;
}

/** Finds a setting under any of its names, all of which must agree; undefined where none is given. */
function find<K extends keyof Kinds>(json: object, field: keyof GPTNeoXConfig, kind: K): Kinds[K] | undefined {
  let found: { path: string; value: unknown } | undefined;
  for (const path of paths[field]) {
    const value = path.split(".").reduce<unknown>((at, key) => isObject(at) ? at[key] : undefined, json);
    if (value == null) continue;
    const type: string = typeof value;
    if (type !== kind) {
      throw new TypeError(`Cannot read config.json: '${path}' must be a ${kind}, found ${show(value)}`);
    }
    if (found && found.value !== value) refuse(path, `equal to '${found.path}' = ${show(found.value)}`, value);
    found = { path, value };
  }
  return found?.value as Kinds[K] | undefined;
}

function read<K extends keyof Kinds>(
  json: object,
  field: keyof GPTNeoXConfig,
  kind: K,
  otherwise?: Kinds[K],
): Kinds[K] {
  const value = find(json, field, kind) ?? otherwise;
  if (value === undefined) {
    throw new TypeError(`Cannot read config.json: '${paths[field][0]}' must be a ${kind}, found nothing`);
  }
  return value;
}

function refuse(name: string, rule: string, found: unknown): never {
  throw new RangeError(`Cannot read config.json: '${name}' must be ${rule}, found ${show(found)}`);
}
