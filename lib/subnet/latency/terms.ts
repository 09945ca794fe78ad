/**
 * What the time of a forward pass is made of.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import { blockWeights, fusedRows, queryRows } from "../counts.ts";
import { sizesOf } from "../sizes.ts";
import type { SubNetwork } from "../sub_network.ts";

/** The terms of a latency, in their order. */
export const latencyTerms = ["pass", "layers", "products", "attention", "traffic", "head"] as const;

/** Name of a term of a latency. */
export type LatencyTerm = typeof latencyTerms[number];

/** How many tokens a pass reads. */
export interface PassShape {
  /** Sequences of a pass. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly sequence: number;
}

/**
 * Returns the terms of a sub-network's forward pass:
 *
 * - `pass` 1, for what any pass costs,
 * - `layers` the layers kept, for launches and meetings of threads, which take as long in a small layer as in a large one,
 * - `products` the operations of the blocks' matrix products, in 10^9,
 * - `attention` those of causal attention, in 10^9,
 * - `traffic` the bytes that norms, rotations, activations and residuals read and write, in 10^9,
 * - `head` the operations of the product with the vocabulary, in 10^9.
 *
 * None of them shrinks when a dimension grows.
 *
 * @param config The teacher's; it says how large the vocabulary is.
 */
export function latencyTermsOf(
  subNetwork: SubNetwork,
  { vocabularySize }: GPTNeoXConfig,
  { batch, sequence }: PassShape,
): number[] {
  const { width, blocks } = sizesOf(subNetwork);
  const queries = blocks.reduce((sum, block) => sum + queryRows(block), 0);
  // Two norms and two sums over the stream, a rotation, and the activation: each reads and writes.
  const moved = blocks.reduce((sum, block) => sum + 2 * (4 * width + fusedRows(block) + block.mlp), 0);
  const tokens = batch * sequence;
  return [
    1,
    blocks.length,
    2 * tokens * blockWeights({ width, blocks }) / 1e9,
    2 * tokens * queries * (sequence + 1) / 1e9,
    4 * tokens * moved / 1e9,
    2 * tokens * vocabularySize * width / 1e9,
  ];
}
