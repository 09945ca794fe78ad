/**
 * What a sub-network costs, counted without building it.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../model/config.ts";
import { type BlockSizes, sizesOf, type SubNetworkSizes } from "./sizes.ts";
import type { SubNetwork } from "./sub_network.ts";

/**
 * Counts the parameters of a sub-network: those of the whole teacher are `countParameters(config)`.
 *
 * In each kept layer the fused projection to queries, keys and values is `[(heads + 2 * groups) * head size, width]` and
 * the attention's output projection `[width, heads * head size]`.
 *
 * @param config The teacher's; it says which biases there are and whether embeddings are tied.
 */
export function countSubNetworkParameters(subNetwork: SubNetwork, config: GPTNeoXConfig): number {
  return countParametersOfSizes(sizesOf(subNetwork), config);
}

/** Counts the parameters of all sub-networks of given sizes, as `countSubNetworkParameters` does. */
export function countParametersOfSizes({ width, blocks }: SubNetworkSizes, config: GPTNeoXConfig): number {
  const { vocabularySize, attentionBias, tiedEmbeddings } = config;
  const norms = 2 * 2 * width;
  const biases = blocks.reduce((sum, block) => {
    const attention = attentionBias ? fusedRows(block) + width : 0;
    return sum + attention + block.mlp + width;
  }, 0);
  const embeddings = (tiedEmbeddings ? 1 : 2) * vocabularySize * width;
  return embeddings + blockWeights({ width, blocks }) + biases + blocks.length * norms + 2 * width;
}

/**
 * Counts the floating-point operations of one forward pass of a sub-network per token, as `forwardFlopsPerToken` does:
 * two for each weight that multiplies an activation, and the two products of causal attention.
 *
 * @param config The teacher's; it says how large the vocabulary is.
 * @param sequence Tokens of a sequence. @default {config.sequence}
 */
export function subNetworkForwardFlopsPerToken(
  subNetwork: SubNetwork,
  config: GPTNeoXConfig,
  sequence: number = config.sequence,
): number {
  const { width, blocks } = sizesOf(subNetwork);
  const weights = blockWeights({ width, blocks }) + config.vocabularySize * width;
  const attention = blocks.reduce((sum, block) => sum + 2 * queryRows(block) * (sequence + 1), 0);
  return 2 * weights + attention;
}

/**
 * Counts the floating-point operations of training a sub-network per token: the backward pass costs twice the forward
 * pass.
 *
 * @param config The teacher's; it says how large the vocabulary is.
 * @param sequence Tokens of a sequence. @default {config.sequence}
 */
export function subNetworkTrainingFlopsPerToken(
  subNetwork: SubNetwork,
  config: GPTNeoXConfig,
  sequence: number = config.sequence,
): number {
  return 3 * subNetworkForwardFlopsPerToken(subNetwork, config, sequence);
}

/** Counts the matrices' weights in all blocks. */
export function blockWeights({ width, blocks }: SubNetworkSizes): number {
  return width * blocks.reduce((sum, block) => sum + fusedRows(block) + queryRows(block) + 2 * block.mlp, 0);
}

/** Counts the query dimensions of all heads. */
export function queryRows({ groups, headsInGroup, headDims }: BlockSizes): number {
  return groups * headsInGroup * headDims;
}

/** Counts the rows of the fused projection: queries of all heads, and a key and a value for each group. */
export function fusedRows({ groups, headsInGroup, headDims }: BlockSizes): number {
  return groups * (headsInGroup + 2) * headDims;
}
