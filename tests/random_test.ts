import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { philox4x32, Random } from "../lib/random.ts";

function block(counter: number[], key: number[]): number[] {
  const output = new Uint32Array(4);
  philox4x32(Uint32Array.from(counter), Uint32Array.from(key), output);
  return [...output];
}

Deno.test("philox4x32() gives the published known answers", () => {
  assertEquals(block([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  assertEquals(block([ones, ones, ones, ones], [ones, ones]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assertEquals(
    block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

Deno.test("philox4x32() equals a computation in big integers on random inputs", () => {
  const random = new Random(5, "inputs");
  for (let trial = 0; trial < 200; trial++) {
    const words = Array.from({ length: 6 }, (_, i) => random.uint32(6 * trial + i));
    const counter = words.slice(0, 4), key = words.slice(4);
    let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
    let [k0, k1] = key.map(BigInt) as [bigint, bigint];
    for (let round = 0; round < 10; round++) {
      const left = 0xd2511f53n * c0, right = 0xcd9e8d57n * c2;
      [c0, c1, c2, c3] = [(right >> 32n) ^ c1 ^ k0, right & 0xffffffffn, (left >> 32n) ^ c3 ^ k1, left & 0xffffffffn];
      k0 = (k0 + 0x9e3779b9n) & 0xffffffffn;
      k1 = (k1 + 0xbb67ae85n) & 0xffffffffn;
    }
    assertEquals(block(counter, key), [c0, c1, c2, c3].map(Number));
  }
});

Deno.test("Random depends on seed, stream and counter and on nothing else", () => {
  const one = new Random(1, "a"), again = new Random(1, "a");
  const forwards = Array.from({ length: 50 }, (_, i) => [one.uint32(i), one.uniform(i), one.normal(i)]);
  const backwards = Array.from({ length: 50 }, (_, i) => 49 - i)
    .map((i) => [again.uint32(i), again.uniform(i), again.normal(i)]).reverse();
  assertEquals(forwards, backwards);
  assertNotEquals(one.uint32(0), new Random(2, "a").uint32(0));
  assertNotEquals(one.uint32(0), new Random(1, "b").uint32(0));
  assertNotEquals(new Random(1, "a").uint32(0), new Random(1 + 2 ** 32, "a").uint32(0));
  assertNotEquals(one.uint32(4), one.uint32(4 + 2 ** 34));
});

Deno.test("Random.uniform() and Random.below() fill their range evenly", () => {
  const random = new Random(3, "evenness");
  const draws = 20_000, bound = 10, counts = new Array<number>(bound).fill(0);
  let sum = 0;
  for (let i = 0; i < draws; i++) {
    const value = random.uniform(i);
    assert(value >= 0 && value < 1);
    sum += value;
    counts[random.below(bound, i)]! += 1;
  }
  assertAlmostEquals(sum / draws, 0.5, 0.01);
  // 99.9 % point of chi-square with 9 degrees of freedom.
  assert(chiSquare(counts) < 27.9);
});

Deno.test("Random.normal() has the moments of the standard normal distribution", () => {
  const random = new Random(4, "moments");
  const draws = 40_000, moments = [0, 0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const value = random.normal(i);
    for (let power = 1; power <= 4; power++) moments[power - 1]! += value ** power / draws;
  }
  assertAlmostEquals(moments[0]!, 0, 0.02);
  assertAlmostEquals(moments[1]!, 1, 0.03);
  assertAlmostEquals(moments[2]!, 0, 0.06);
  assertAlmostEquals(moments[3]!, 3, 0.2);
});

Deno.test("Random.fillNormal() equals normal() number for number from any first counter", () => {
  const random = new Random(9, "fill");
  for (const first of [0, 1, 6, 4 * 2 ** 32 - 3]) {
    const target = new Float32Array(11);
    random.fillNormal(target, 0.02, first);
    assertEquals(target, Float32Array.from(target, (_, i) => 0.02 * random.normal(first + i)));
  }
});

Deno.test("Random.permutation() is a bijection for every size and differs between epochs", () => {
  const random = new Random(7, "windows");
  for (const size of [1, 2, 3, 5, 16, 17, 100, 999, 4097]) {
    const order = random.permutation(size, 3);
    const seen = new Set(Array.from({ length: size }, (_, i) => order(i)));
    assertEquals(seen.size, size);
    assertEquals(Math.min(...seen), 0);
    assertEquals(Math.max(...seen), size - 1);
  }
  const first = random.permutation(1000, 0), second = random.permutation(1000, 1);
  const agreeing = Array.from({ length: 1000 }, (_, i) => i).filter((i) => first(i) === second(i)).length;
  assert(agreeing < 10, `two epochs agree in ${agreeing} of 1000 places`);
});

Deno.test("Random.permutation() reaches all orders of a small set equally often", () => {
  const random = new Random(11, "orders");
  // 99.9 % points of chi-square with 5 and 23 degrees of freedom.
  for (const [size, limit] of [[3, 20.5], [4, 49.7]] as const) {
    const counts = new Map<string, number>();
    const orders = size === 3 ? 6 : 24, epochs = 200 * orders;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = Array.from({ length: size }, (_, i) => random.permutation(size, epoch)(i)).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assertEquals(counts.size, orders);
    assert(chiSquare([...counts.values()]) < limit);
  }
});

Deno.test("Random names a bad seed and a bad permutation size", () => {
  assertThrows(() => new Random(-1, "x"), RangeError, "'seed' must be a whole number from 0 to 2^53 - 1, found -1");
  assertThrows(() => new Random(0.5, "x"), RangeError, "found 0.5");
  assertThrows(() => new Random(0, "x").permutation(0), RangeError, "'size' must be a whole number from 1 to 2^32");
});

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
