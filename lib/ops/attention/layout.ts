/**
 * The layout of a fused projection of queries, keys and values.
 *
 * @module
 */

import { describe, rowsOf, type Tensor } from "../define.ts";

/** How the rows of a fused projection are divided into sequences and heads. */
export interface AttentionLayout {
  /** Sequences. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly sequence: number;
  /** Heads a token. */
  readonly heads: number;
}

/**
 * Returns the dimensions of a head in a fused projection.
 *
 * @param verb What is to be done, for the error: "attend in".
 * @param qkv `[batch * sequence, 3 * heads * size]`.
 * @throws {RangeError} If the layout does not fit it.
 */
export function headSizeOf(verb: string, qkv: Tensor, { batch, sequence, heads }: AttentionLayout): number {
  const { rows, width } = rowsOf(qkv);
  if (rows !== batch * sequence || width % (3 * heads) !== 0) {
    throw new RangeError(
      `Cannot ${verb} ${describe(qkv)}: it must be [batch * sequence, 3 * heads * size], found batch ${batch}, ` +
        `sequence ${sequence}, heads ${heads}`,
    );
  }
  return width / (3 * heads);
}
