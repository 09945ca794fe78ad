/**
 * A batch's positions by token.
 *
 * @module
 */

import { radixOrder } from "./radix_order.ts";

/** The places of a batch grouped by token. All arrays have room for as many buckets as there are places. */
export interface EmbeddingBuckets {
  /** The places of `tokens`, bucket by bucket, in ascending order within a bucket; length n. */
  readonly order: Uint32Array<ArrayBuffer>;
  /**
   * Bucket `i` is `order[starts[i]]` to `order[starts[i + 1] - 1]`; from the first unused bucket on it is n.
   * Length n + 1.
   */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** The token of each bucket; 0 where the bucket is unused; length n. */
  readonly ids: Uint32Array<ArrayBuffer>;
}

/**
 * Groups the places of a batch by token, so that a kernel sums each embedding row's gradient in one fixed order and
 * without atomics (after llm.c's encoder backward pass).
 *
 * Larger buckets come first, so that no long sum starts last; equally large ones are in the order of their tokens.
 *
 * @param tokens The token of each of n places.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embeddingBuckets } from "../../mod.ts";
 *
 * const { order, starts, ids } = embeddingBuckets(Uint32Array.of(7, 2, 7, 7));
 * assertEquals([...ids.subarray(0, 2)], [7, 2]);
 * assertEquals([...order.subarray(starts[0], starts[1])], [0, 2, 3]);
 * ```
 */
export function embeddingBuckets(tokens: Uint32Array): EmbeddingBuckets {
  const n = tokens.length;
  const byToken = radixOrder(tokens);
  const firsts: number[] = [];
  for (let i = 0; i < n; i++) {
    if (i === 0 || tokens[byToken[i]!] !== tokens[byToken[i - 1]!]) firsts.push(i);
  }
  const sizes = firsts.map((first, bucket) => (firsts[bucket + 1] ?? n) - first);
  const bySize = radixOrder(Uint32Array.from(sizes.map((size) => n - size)));

  const order = new Uint32Array(n), starts = new Uint32Array(n + 1).fill(n), ids = new Uint32Array(n);
  let start = 0;
  for (let i = 0; i < bySize.length; i++) {
    const first = firsts[bySize[i]!]!, size = sizes[bySize[i]!]!;
    for (let k = 0; k < size; k++) order[start + k] = byToken[first + k]!;
    starts[i] = start;
    ids[i] = tokens[byToken[first]!]!;
    start += size;
  }
  return { order, starts, ids };
}
