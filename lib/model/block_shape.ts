/**
 * The shape of a transformer block, and its rules.
 *
 * @module
 */

/** The shape of one transformer block. */
export interface BlockShape {
  /** Attention heads. */
  readonly heads: number;
  /**
   * Query groups: heads that stand side by side and share a key and a value (Ainslie et al. 2023, arXiv 2305.13245), all
   * of them with 1 (Shazeer 2019, arXiv 1911.02150). Divides `heads`.
   *
   * @default {heads} Multi-head attention.
   */
  readonly queryGroups?: number;
  /** Dimensions of a head; heads times their size need not be the model's width. */
  readonly headSize: number;
  /** Leading dimensions of each head that the rotary embedding turns: an even number, at least 2. */
  readonly rotary: number;
  /**
   * Exponents of the rotary frequencies `base^-exponent`, one for each pair of turned dimensions, where they are not
   * `2 i / rotary`: a head that kept some pairs of a larger one keeps their frequencies.
   */
  readonly exponents?: readonly number[];
  /**
   * What products of queries and keys are multiplied with, where it is not `1 / sqrt(headSize)`: a head that lost
   * dimensions keeps the scale it was trained with.
   */
  readonly scale?: number;
  /** Hidden size of the feed-forward network. */
  readonly mlpWidth: number;
}

/** Counts the query groups of a block: as many as heads with multi-head attention. */
export function queryGroupsOf({ heads, queryGroups = heads }: BlockShape): number {
  return queryGroups;
}

/** Counts the rows of a block's fused projection: queries of all heads, and a key and a value for each group. */
export function fusedRows(block: BlockShape): number {
  return (block.heads + 2 * queryGroupsOf(block)) * block.headSize;
}

/** Tells whether all blocks have the same shape, however it is written. */
export function areAlike(blocks: readonly BlockShape[]): boolean {
  const texts = blocks.map((block) => {
    const { heads, headSize, rotary, exponents, scale, mlpWidth } = block;
    return JSON.stringify([heads, queryGroupsOf(block), headSize, rotary, exponents, scale, mlpWidth]);
  });
  return new Set(texts).size <= 1;
}

/**
 * Finds the first rule of the architecture that a block breaks.
 *
 * @returns The field, its rule and what was found; undefined if the block is sound.
 */
export function flawOf(block: BlockShape): { field: keyof BlockShape; rule: string; found: unknown } | undefined {
  for (const field of ["heads", "headSize", "rotary", "mlpWidth"] as const) {
    const found = block[field];
    if (!Number.isSafeInteger(found) || found < 1) return { field, rule: "a positive integer", found };
  }
  const { heads, rotary, headSize, exponents, scale = 1 } = block;
  const queryGroups = queryGroupsOf(block);
  if (!Number.isSafeInteger(queryGroups) || queryGroups < 1 || heads % queryGroups !== 0) {
    return { field: "queryGroups", rule: `a divisor of its ${heads} heads`, found: queryGroups };
  }
  if (!Number.isFinite(scale) || scale <= 0) return { field: "scale", rule: "a finite number above 0", found: scale };
  if (rotary % 2 !== 0 || rotary > headSize) {
    return { field: "rotary", rule: `even and at most the head size ${headSize}`, found: rotary };
  }
  if (exponents === undefined) return undefined;
  const pairs = rotary / 2;
  if (exponents.length !== pairs) {
    return { field: "exponents", rule: `one for each of the ${pairs} pairs`, found: exponents.length };
  }
  const odd = exponents.find((exponent) => !Number.isFinite(exponent) || exponent < 0);
  return odd === undefined ? undefined : { field: "exponents", rule: "finite numbers from 0", found: odd };
}
