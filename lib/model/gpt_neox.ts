/**
 * The GPT-NeoX architecture as a graph (Black et al. 2022, arXiv 2204.06745; Pythia: Biderman et al. 2023, arXiv
 * 2304.01373).
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import type { Tensor } from "../graph/tensor.ts";
import { attention } from "../ops/attention/mod.ts";
import { embedding, type TokenBuckets } from "../ops/embedding/mod.ts";
import { layerNorm } from "../ops/layer_norm/mod.ts";
import { linear } from "../ops/matmul/mod.ts";
import { rotary } from "../ops/rotary/mod.ts";
import { type BlockShape, blockShapes } from "./blocks.ts";
import type { GPTNeoXConfig } from "./config.ts";

/** Parameters as tensors of a graph, by Hugging Face name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/**
 * Records the hidden states after the final norm: `[batch * sequence]` tokens to `[batch * sequence, width]`.
 *
 * @param buckets The tokens sorted, where the embedding's gradient is wanted.
 */
export function hiddenStates(
  tokens: Tensor,
  parameters: ParameterTensors,
  config: GPTNeoXConfig,
  shape: BatchShape,
  buckets?: TokenBuckets,
): Tensor {
  const get = (name: string) => parameters.get(`gpt_neox.${name}`)!;
  let x = embedding(tokens, get("embed_in.weight"), buckets);
  blockShapes(config).forEach((own, layer) => {
    x = block(x, (name) => parameters.get(`gpt_neox.layers.${layer}.${name}`), own, config, shape);
  });
  return layerNorm(x, get("final_layer_norm.weight"), get("final_layer_norm.bias"), config.epsilon);
}

/** Returns the matrix that maps hidden states to logits: `[vocabulary, width]`. */
export function outputProjection(parameters: ParameterTensors, config: GPTNeoXConfig): Tensor {
  return parameters.get(config.tiedEmbeddings ? "gpt_neox.embed_in.weight" : "embed_out.weight")!;
}

type Lookup = (name: string) => Tensor | undefined;

function block(
  x: Tensor,
  get: Lookup,
  { heads, rotary: dimensions, exponents, scale }: BlockShape,
  config: GPTNeoXConfig,
  { batch, sequence }: BatchShape,
): Tensor {
  const { epsilon, rotaryBase: base, activation } = config;
  const norm = (input: Tensor, name: string) => layerNorm(input, get(`${name}.weight`)!, get(`${name}.bias`)!, epsilon);
  const project = (input: Tensor, name: string, residual?: Tensor) =>
    linear(input, get(`${name}.weight`)!, { bias: get(`${name}.bias`), residual });

  const qkv = project(norm(x, "input_layernorm"), "attention.query_key_value");
  const turned = rotary(qkv, { batch, sequence, heads, dimensions, base, exponents });
  const attended = project(attention(turned, { batch, sequence, heads, scale }), "attention.dense", x);
  const mlpInput = norm(config.parallelResidual ? x : attended, "post_attention_layernorm");
  const up = linear(mlpInput, get("mlp.dense_h_to_4h.weight")!, { bias: get("mlp.dense_h_to_4h.bias"), activation });
  return project(up, "mlp.dense_4h_to_h", attended);
}
