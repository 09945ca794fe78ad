/**
 * The GPT-NeoX architecture as a graph (Black et al. 2022, arXiv 2204.06745; Pythia: Biderman et al. 2023, arXiv
 * 2304.01373).
 *
 * @module
 */

import type { BatchShape } from "../data/batches.ts";
import type { Tensor } from "../graph/tensor.ts";
import { expandGroups } from "../ops/attention/groups.ts";
import { attention } from "../ops/attention/mod.ts";
import { dropout } from "../ops/dropout/mod.ts";
import { embedding, type TokenBuckets } from "../ops/embedding/mod.ts";
import { layerNorm } from "../ops/layer_norm/mod.ts";
import { linear } from "../ops/matmul/mod.ts";
import { rotary } from "../ops/rotary/mod.ts";
import { type BlockShape, queryGroupsOf } from "./block_shape.ts";
import { blockShapes } from "./blocks.ts";
import type { GPTNeoXConfig } from "./config.ts";

/** Parameters as tensors of a graph, by Hugging Face name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/**
 * Told of the activations of a model as they are recorded. Names are `blocks.0.input` (the residual stream),
 * `blocks.0.attention_norm`, `blocks.0.attention` (the heads' outputs side by side, before their projection),
 * `blocks.0.mlp_input` (what the second norm reads), `blocks.0.mlp_norm`, `blocks.0.mlp` (the neurons' outputs),
 * `blocks.0.output` and `final_norm`.
 */
export type Tap = (name: string, activation: Tensor) => void;

/** Dropout of a model in training. */
export interface ModelDropout {
  /** Probability of a value to be dropped; above 0 and below 1. */
  readonly rate: number;
  /** u32 `[2]`: decides which values are dropped; another one for each pass. */
  readonly key: Tensor;
}

/** What else a model's graph records. */
export interface HiddenStatesOptions extends BatchShape {
  /** The tokens sorted, where the embedding's gradient is wanted. */
  readonly buckets?: TokenBuckets | undefined;
  /** Told of activations on the way. */
  readonly tap?: Tap | undefined;
  /**
   * Drops values of the embedding and of what attention and feed-forward network add to the residual stream, as
   * `hidden_dropout` of the same model in `transformers` does. @default none
   */
  readonly dropout?: ModelDropout | undefined;
}

/**
 * Records the hidden states after the final norm: `[batch * sequence]` tokens to `[batch * sequence, width]`.
 */
export function hiddenStates(
  tokens: Tensor,
  parameters: ParameterTensors,
  config: GPTNeoXConfig,
  { buckets, tap = () => {}, dropout: drops, ...shape }: HiddenStatesOptions,
): Tensor {
  const get = (name: string) => parameters.get(`gpt_neox.${name}`)!;
  const embedded = embedding(tokens, get("embed_in.weight"), buckets);
  let sites = 0;
  const merge: Merge = (project, residual) =>
    drops ? dropout(project(), { ...drops, site: sites++, residual }) : addTogether(project, residual);
  let x = drops ? dropout(embedded, { ...drops, site: sites++ }) : embedded;
  blockShapes(config).forEach((own, layer) => {
    const { ofLayer, ofBlock } = lookupsOf(layer, parameters, tap);
    x = block(x, ofLayer, own, config, shape, merge, ofBlock);
  });
  const final = layerNorm(x, get("final_layer_norm.weight"), get("final_layer_norm.bias"), config.epsilon);
  tap("final_norm", final);
  return final;
}

/**
 * Records one block alone: the residual stream before it, `[batch * sequence, width]`, to the stream behind it.
 *
 * @param layer Number of the block; its activations have the names that {@linkcode Tap} lists.
 */
export function blockOutput(
  stream: Tensor,
  parameters: ParameterTensors,
  config: GPTNeoXConfig,
  layer: number,
  { tap = () => {}, ...shape }: BatchShape & { readonly tap?: Tap },
): Tensor {
  const { ofLayer, ofBlock } = lookupsOf(layer, parameters, tap);
  return block(stream, ofLayer, blockShapes(config)[layer]!, config, shape, addTogether, ofBlock);
}

/** Returns the matrix that maps hidden states to logits: `[vocabulary, width]`. */
export function outputProjection(parameters: ParameterTensors, config: GPTNeoXConfig): Tensor {
  return parameters.get(config.tiedEmbeddings ? "gpt_neox.embed_in.weight" : "embed_out.weight")!;
}

type Lookup = (name: string) => Tensor | undefined;

/** Adds a projection to the residual stream; without dropout the projection itself does. */
type Merge = (project: (residual?: Tensor) => Tensor, residual: Tensor) => Tensor;

const addTogether: Merge = (project, residual) => project(residual);

function lookupsOf(layer: number, parameters: ParameterTensors, tap: Tap): { ofLayer: Lookup; ofBlock: Tap } {
  return {
    ofLayer: (name) => parameters.get(`gpt_neox.layers.${layer}.${name}`),
    ofBlock: (name, activation) => tap(`blocks.${layer}.${name}`, activation),
  };
}

function block(
  x: Tensor,
  get: Lookup,
  own: BlockShape,
  config: GPTNeoXConfig,
  { batch, sequence }: BatchShape,
  merge: Merge,
  tap: Tap,
): Tensor {
  const tapped = (name: string, activation: Tensor) => {
    tap(name, activation);
    return activation;
  };
  const { heads, rotary: dimensions, exponents, scale } = own;
  const { epsilon, rotaryBase: base, activation } = config;
  const norm = (input: Tensor, name: string) => layerNorm(input, get(`${name}.weight`)!, get(`${name}.bias`)!, epsilon);
  const project = (input: Tensor, name: string, residual?: Tensor) =>
    linear(input, get(`${name}.weight`)!, { bias: get(`${name}.bias`), residual });

  tap("input", x);
  const fused = project(tapped("attention_norm", norm(x, "input_layernorm")), "attention.query_key_value");
  const qkv = expandGroups(fused, { batch, sequence, heads, groups: queryGroupsOf(own) });
  const turned = rotary(qkv, { batch, sequence, heads, dimensions, base, exponents });
  const heard = tapped("attention", attention(turned, { batch, sequence, heads, scale }));
  const attended = merge((residual) => project(heard, "attention.dense", residual), x);
  const mlpInput = tapped("mlp_input", config.parallelResidual ? x : attended);
  const normed = tapped("mlp_norm", norm(mlpInput, "post_attention_layernorm"));
  const up = linear(normed, get("mlp.dense_h_to_4h.weight")!, { bias: get("mlp.dense_h_to_4h.bias"), activation });
  const neurons = tapped("mlp", up);
  return tapped("output", merge((residual) => project(neurons, "mlp.dense_4h_to_h", residual), attended));
}
