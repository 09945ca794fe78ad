import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ngramBaselines } from "../../lib/data/ngram.ts";
import { bitsPerByte } from "../../lib/data/bits_per_byte.ts";
import { Random } from "../../lib/random.ts";

/** Both models written down from their definitions, each count taken anew. */
function bruteForce(
  train: number[],
  validation: number[],
  vocabulary: number,
): { unigram: number[]; bigram: number[] } {
  const pairs = train.slice(1).map((token, i) => `${train[i]} ${token}`);
  const pairCount = (pair: string): number => pairs.filter((other) => other === pair).length;
  const distinct = [...new Set(pairs)];
  const once = distinct.filter((pair) => pairCount(pair) === 1).length;
  const twice = distinct.filter((pair) => pairCount(pair) === 2).length;
  const discount = once / (once + 2 * twice);
  const p = (token: number): number =>
    (train.filter((other) => other === token).length + 1) / (train.length + vocabulary);
  const bigram = (context: number, token: number): number => {
    const total = train.slice(0, -1).filter((other) => other === context).length;
    if (total === 0) return p(token);
    const different = distinct.filter((pair) => pair.startsWith(`${context} `)).length;
    return Math.max(pairCount(`${context} ${token}`) - discount, 0) / total + discount * different / total * p(token);
  };
  return {
    unigram: validation.slice(1).map((token) => p(token)),
    bigram: validation.slice(1).map((token, i) => bigram(validation[i]!, token)),
  };
}

const random = new Random(3, "text");
// A lopsided distribution over tokens 0 to 11; tokens 12 and 13 never occur in the train split.
const vocabulary = 14;
const text = Array.from({ length: 160 }, (_, i) => Math.floor(12 * random.uniform(i) ** 3));
const train = text.slice(0, 100), validation = [...text.slice(100), 12, 11, 13, 12, 0];

Deno.test("ngramBaselines() equals a brute force over the definitions", () => {
  const expected = bruteForce(train, validation, vocabulary);
  const nats = (probabilities: number[]): number =>
    probabilities.reduce((sum, p) => sum - Math.log(p), 0) / probabilities.length;
  const actual = ngramBaselines({
    train: Uint16Array.from(train),
    validation: Uint32Array.from(validation),
    vocabularySize: vocabulary,
    bytesPerToken: 4,
  });
  assertAlmostEquals(actual.unigram.nats, nats(expected.unigram), 1e-12);
  assertAlmostEquals(actual.bigram.nats, nats(expected.bigram), 1e-12);
  assertEquals(actual.bigram.bitsPerByte, bitsPerByte(actual.bigram.nats, 4));
});

Deno.test("the bigram baseline is a distribution in every context, seen or not", () => {
  for (let context = 0; context < vocabulary; context++) {
    let sum = 0;
    for (let token = 0; token < vocabulary; token++) {
      const { bigram } = ngramBaselines({
        train: Uint16Array.from(train),
        validation: Uint16Array.of(context, token),
        vocabularySize: vocabulary,
        bytesPerToken: 1,
      });
      sum += Math.exp(-bigram.nats);
    }
    assertAlmostEquals(sum, 1, 1e-12);
  }
});

Deno.test("ngramBaselines() learns a cycle that the unigram model cannot see", () => {
  const cycle = Uint16Array.from({ length: 3000 }, (_, i) => i % 10);
  const { unigram, bigram } = ngramBaselines({
    train: cycle,
    validation: cycle.slice(0, 100),
    vocabularySize: 10,
    bytesPerToken: 1,
  });
  assertAlmostEquals(unigram.nats, Math.log(10), 0.01);
  assert(bigram.nats < 0.01);
});

Deno.test("bitsPerByte() of a fair choice among 256 tokens of one byte each is 8", () => {
  assertAlmostEquals(bitsPerByte(Math.log(256), 1), 8, 1e-12);
  assertAlmostEquals(bitsPerByte(Math.log(256), 4), 2, 1e-12);
});

Deno.test("ngramBaselines() names a split that is too short", () => {
  const options = { train: Uint16Array.of(1, 2), validation: Uint16Array.of(1), vocabularySize: 3, bytesPerToken: 1 };
  assertThrows(() => ngramBaselines(options), RangeError, "'validation' must have at least two tokens, found 1");
});
