/**
 * The shape and the options of a GPT-NeoX model.
 *
 * @module
 */

import { type BlockShape, flawOf } from "./block_shape.ts";

/** Describes a GPT-NeoX language model: its sizes and the choices that Pythia's `config.json` files can make. */
export interface GPTNeoXConfig {
  /** Rows of the embedding matrix. */
  readonly vocabularySize: number;
  /** Size of the residual stream (`hidden_size`). */
  readonly width: number;
  /** Number of transformer blocks. */
  readonly layers: number;
  /** Attention heads a block; divides `width`, unless `blocks` is given. */
  readonly heads: number;
  /** Hidden size of the feed-forward network (`intermediate_size`). */
  readonly mlpWidth: number;
  /** Longest sequence in tokens (`max_position_embeddings`). */
  readonly sequence: number;
  /** Share of each head's dimensions that is rotated (`rotary_pct`), above 0 and at most 1. */
  readonly rotaryFraction: number;
  /** Base of the rotary wavelengths (`rotary_emb_base`). */
  readonly rotaryBase: number;
  /** Adds attention and feed-forward network to the same input when true, one after the other when false. */
  readonly parallelResidual: boolean;
  /** Gives the attention projections biases. */
  readonly attentionBias: boolean;
  /** Added to the variance in LayerNorm (`layer_norm_eps`). */
  readonly epsilon: number;
  /** Uses the embedding matrix as the output projection too. */
  readonly tiedEmbeddings: boolean;
  /** The feed-forward network's non-linearity: exact GELU, or its tanh approximation. */
  readonly activation: "gelu" | "gelu_tanh";
  /** Standard deviation that `transformers` would initialise with (`initializer_range`); kept for the file's sake. */
  readonly initialRange: number;
  /**
   * The shape of each block, where Hugging Face's fields cannot say it: blocks differ, heads share keys and values, or
   * heads times their size is not the width. `heads`, `mlpWidth` and `rotaryFraction` then count for nothing.
   */
  readonly blocks?: readonly BlockShape[];
  /** Token that begins a document, when there is one. */
  readonly bosToken?: number;
  /** Token that ends a document, when there is one. */
  readonly eosToken?: number;
}

/** Counts the dimensions of one attention head. */
export function headSize(config: GPTNeoXConfig): number {
  return config.width / config.heads;
}

/** Counts the dimensions of each head that the rotary embedding turns: the leading ones, an even number. */
export function rotaryDimensions(config: GPTNeoXConfig): number {
  return Math.floor(headSize(config) * config.rotaryFraction);
}

/** Returns a share of a head by which {@linkcode rotaryDimensions} finds that many dimensions, in spite of rounding. */
export function rotaryFractionOf(dimensions: number, headSize: number): number {
  const share = dimensions / headSize;
  return Math.floor(share * headSize) === dimensions ? share : share + Number.EPSILON;
}

/** Names a config's fields for error messages; the identity for a config made in code. */
export type FieldNames = (field: keyof GPTNeoXConfig) => string;

const sizes = ["vocabularySize", "width", "layers", "heads", "mlpWidth", "sequence"] as const;
const scales = ["rotaryFraction", "rotaryBase", "epsilon", "initialRange"] as const;
const tokens = ["bosToken", "eosToken"] as const;

/**
 * Returns `config` itself once every rule of the architecture holds, so that code behind it need not ask again.
 *
 * @param nameOf How the fields are called where the config came from, for the error's sake.
 * @throws {RangeError} If a size is no positive integer, heads do not divide the width, or the rotary part is odd.
 */
export function checkConfig(config: GPTNeoXConfig, nameOf: FieldNames = (field) => field): GPTNeoXConfig {
  const fail = (field: keyof GPTNeoXConfig, rule: string, found: unknown, part = ""): never => {
    throw new RangeError(`Cannot use this model config: '${nameOf(field)}${part}' must be ${rule}, found ${found}`);
  };
  for (const field of sizes) {
    const value = config[field];
    if (!Number.isSafeInteger(value) || value < 1) fail(field, "a positive integer", value);
  }
  for (const field of scales) {
    const value = config[field];
    if (!Number.isFinite(value) || value <= 0) fail(field, "a finite number above 0", value);
  }
  for (const field of tokens) {
    const value = config[field];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0 || value >= config.vocabularySize) {
      fail(field, `a token id below ${config.vocabularySize}`, value);
    }
  }
  if (config.activation !== "gelu" && config.activation !== "gelu_tanh") {
    fail("activation", "gelu or gelu_tanh", config.activation);
  }
  if (config.rotaryFraction > 1) fail("rotaryFraction", "at most 1", config.rotaryFraction);
  if (config.blocks) {
    const { blocks, layers } = config;
    if (blocks.length !== layers) fail("blocks", `${layers} shapes, one for each layer`, blocks.length);
    blocks.forEach((block, i) => {
      const flaw = flawOf(block);
      if (flaw) fail("blocks", flaw.rule, flaw.found, `[${i}].${flaw.field}`);
    });
    return config;
  }
  if (config.width % config.heads !== 0) {
    fail("heads", `a divisor of '${nameOf("width")}' = ${config.width}`, config.heads);
  }
  const rotated = rotaryDimensions(config);
  if (rotated < 2 || rotated % 2 !== 0) {
    const rule = `a share of the head size ${headSize(config)} that rotates an even number of dimensions, at least 2`;
    fail("rotaryFraction", rule, `${config.rotaryFraction}, which rotates ${rotated}`);
  }
  return config;
}
