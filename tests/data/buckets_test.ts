import { assert, assertEquals } from "@std/assert";
import { embeddingBuckets } from "../../lib/data/buckets.ts";
import { radixOrder } from "../../lib/data/radix_order.ts";
import { Random } from "../../lib/random.ts";

const random = new Random(1, "tokens");
const draw = (length: number, bound: number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => random.below(bound, i + 1000 * bound));

Deno.test("radixOrder() equals a stable sort, for keys of one digit and of three, from any initial order", () => {
  for (const bound of [1, 7, 3000, 50_304, 2 ** 32]) {
    const keys = draw(500, bound), initial = radixOrder(draw(500, 100));
    const sorted = [...initial].sort((a, b) => keys[a]! - keys[b]!);
    assertEquals([...radixOrder(keys, initial)], sorted);
  }
});

Deno.test("embeddingBuckets() groups every place by its token, in ascending order, larger buckets first", () => {
  for (const [length, vocabulary] of [[0, 5], [1, 5], [64, 1], [257, 5], [300, 50_304], [400, 100]] as const) {
    const tokens = draw(length, vocabulary);
    const { order, starts, ids } = embeddingBuckets(tokens);
    assertEquals([order.length, starts.length, ids.length], [length, length + 1, length]);
    const seen = new Map<number, number[]>();
    let unused = 0;
    for (let bucket = 0; bucket < length; bucket++) {
      const places = [...order.subarray(starts[bucket]!, starts[bucket + 1]!)];
      if (places.length === 0) {
        unused++;
        assertEquals([starts[bucket], ids[bucket]], [length, 0]);
        continue;
      }
      assertEquals(unused, 0);
      assert(!seen.has(ids[bucket]!));
      seen.set(ids[bucket]!, places);
    }
    assertEquals(starts[length], length);
    assertEquals([...seen.keys()].sort(), [...new Set(tokens)].sort());
    for (const [token, places] of seen) {
      assertEquals(places, Array.from(tokens.keys()).filter((place) => tokens[place] === token));
    }
    const sizes = [...seen.values()].map((places) => places.length);
    assertEquals(sizes, sizes.toSorted((a, b) => b - a));
  }
});
