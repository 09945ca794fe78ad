/**
 * What a model costs in floating-point operations.
 *
 * @module
 */

import { fusedRows } from "./block_shape.ts";
import { blockShapes } from "./blocks.ts";
import type { GPTNeoXConfig } from "./config.ts";

/**
 * Counts the floating-point operations of one forward pass per token: two for each weight that multiplies an
 * activation, and the two products of causal attention, in which a position sees half of the sequence on average
 * (Kaplan et al. 2020, arXiv 2001.08361, table 1, with the causal half counted once).
 */
export function forwardFlopsPerToken(config: GPTNeoXConfig, sequence: number = config.sequence): number {
  return hiddenFlopsPerToken(config, sequence) + 2 * config.vocabularySize * config.width;
}

/** Counts the floating-point operations of a forward pass up to the final hidden states, without logits, per token. */
export function hiddenFlopsPerToken(config: GPTNeoXConfig, sequence: number = config.sequence): number {
  const { width } = config;
  return blockShapes(config).reduce((sum, block) => {
    const inner = block.heads * block.headSize;
    const weights = width * (fusedRows(block) + inner + 2 * block.mlpWidth);
    return sum + 2 * weights + 2 * inner * (sequence + 1);
  }, 0);
}

/** Counts the floating-point operations of training per token: the backward pass costs twice the forward pass. */
export function trainingFlopsPerToken(config: GPTNeoXConfig, sequence: number = config.sequence): number {
  return 3 * forwardFlopsPerToken(config, sequence);
}
