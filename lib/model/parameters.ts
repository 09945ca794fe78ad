/**
 * The parameters of a GPT-NeoX model: names, shapes, order and counts.
 *
 * @module
 */

import { fusedRows } from "./block_shape.ts";
import { blockShapes } from "./blocks.ts";
import type { GPTNeoXConfig } from "./config.ts";

/**
 * What a parameter holds before training: `small` and `output` are the two normal distributions that
 * {@linkcode initialise} draws from, `one` and `zero` are constants.
 */
export type InitialRule = "small" | "output" | "one" | "zero";

/**
 * Parameter values, or anything of their layout, by Hugging Face tensor name; each row-major in the layout of the file.
 */
export type ParameterValues = Map<string, Float32Array<ArrayBuffer>>;

/** Describes one parameter tensor. */
export interface ParameterSpec {
  /** Name in Hugging Face's files. */
  readonly name: string;
  /** Row-major shape; the matrix of a linear layer is [outputs, inputs]. */
  readonly shape: readonly number[];
  /** Whether weight decay applies: to matrices only, not to biases and norms. */
  readonly decay: boolean;
  /** What it holds before training. */
  readonly initial: InitialRule;
}

/**
 * Lists every parameter of the model in its fixed order: embedding, blocks, final norm, output projection.
 *
 * The rows of `attention.query_key_value` are grouped per head as [query | key | value], headSize rows each, in memory
 * as in the file. Where heads share keys and values, it is the queries of all heads, then the keys of all query groups,
 * then their values, as LitGPT has them. Absent are the attention's biases without `attentionBias`, and `embed_out` with `tiedEmbeddings`.
 */
export function parameterSpecs(config: GPTNeoXConfig): ParameterSpec[] {
  const { vocabularySize, width, attentionBias, tiedEmbeddings } = config;
  const specs = [matrix("gpt_neox.embed_in.weight", vocabularySize, width, "small")];
  blockShapes(config).forEach((block, layer) => {
    const { heads, headSize, mlpWidth } = block;
    const prefix = `gpt_neox.layers.${layer}`;
    specs.push(
      ...norm(`${prefix}.input_layernorm`, width),
      ...norm(`${prefix}.post_attention_layernorm`, width),
      ...linear(`${prefix}.attention.query_key_value`, fusedRows(block), width, "small", attentionBias),
      ...linear(`${prefix}.attention.dense`, width, heads * headSize, "output", attentionBias),
      ...linear(`${prefix}.mlp.dense_h_to_4h`, mlpWidth, width, "small", true),
      ...linear(`${prefix}.mlp.dense_4h_to_h`, width, mlpWidth, "output", true),
    );
  });
  specs.push(...norm("gpt_neox.final_layer_norm", width));
  if (!tiedEmbeddings) specs.push(matrix("embed_out.weight", vocabularySize, width, "small"));
  return specs;
}

/** Counts the parameters of a model without listing them: a closed form for searches over many configs. */
export function countParameters(config: GPTNeoXConfig): number {
  const { vocabularySize, width, attentionBias, tiedEmbeddings } = config;
  const norms = 2 * 2 * width;
  const blocks = blockShapes(config).reduce((sum, block) => {
    const { heads, headSize, mlpWidth } = block;
    const fused = fusedRows(block);
    const attention = (fused + heads * headSize) * width + (attentionBias ? fused + width : 0);
    const mlp = 2 * width * mlpWidth + mlpWidth + width;
    return sum + norms + attention + mlp;
  }, 0);
  const embeddings = (tiedEmbeddings ? 1 : 2) * vocabularySize * width;
  return embeddings + blocks + 2 * width;
}

function matrix(name: string, rows: number, columns: number, initial: InitialRule): ParameterSpec {
  return { name, shape: [rows, columns], decay: true, initial };
}

function vector(name: string, size: number, initial: InitialRule): ParameterSpec {
  return { name, shape: [size], decay: false, initial };
}

function norm(name: string, size: number): ParameterSpec[] {
  return [vector(`${name}.weight`, size, "one"), vector(`${name}.bias`, size, "zero")];
}

function linear(name: string, outputs: number, inputs: number, initial: InitialRule, bias: boolean): ParameterSpec[] {
  const weight = matrix(`${name}.weight`, outputs, inputs, initial);
  return bias ? [weight, vector(`${name}.bias`, outputs, "zero")] : [weight];
}
