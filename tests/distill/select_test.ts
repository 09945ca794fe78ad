import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { drawTokens, selectTop } from "../../lib/distill/select.ts";
import { entriesFor } from "../../lib/distill/store/records.ts";
import { Random } from "../../lib/random.ts";
import { normals } from "../ops/harness.ts";

/** Some distribution over a vocabulary. */
function distribution(name: string, vocabulary: number): Float32Array {
  const exponentials = normals(name, vocabulary, 2).map(Math.exp);
  const sum = exponentials.reduce((all, each) => all + each);
  return exponentials.map((each) => each / sum);
}

Deno.test("selectTop() takes the most likely tokens in order, and what they leave", () => {
  for (const [vocabulary, k] of [[1, 1], [5, 1], [37, 6], [300, 16], [9, 9]] as const) {
    const p = distribution(`${vocabulary}`, vocabulary);
    const found = entriesFor(1, k);
    selectTop(p, k, found);
    const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!).slice(0, k);
    assertEquals([...found.ids], order);
    assertEquals([...found.masses.subarray(0, k)], order.map((id) => p[id]));
    const left = [...p.keys()].filter((id) => !order.includes(id)).reduce((sum, id) => sum + p[id]!, 0);
    assertAlmostEquals(found.masses[k]!, left, 1e-6);
  }
});

Deno.test("of tokens that are equally likely selectTop() takes the first ones", () => {
  const found = entriesFor(1, 2);
  selectTop(Float32Array.of(0.1, 0.2, 0.2, 0.2, 0.3), 2, found);
  assertEquals([...found.ids], [4, 1]);
  assertAlmostEquals(found.masses[2]!, 0.5, 1e-6);
  selectTop(Float32Array.of(0.6, 0.2, 0.2), 2, found);
  assertEquals([...found.ids], [0, 1]);
});

Deno.test("selectTop() leaves nothing of a distribution that fits", () => {
  const found = entriesFor(1, 3);
  selectTop(Float32Array.of(0, 0.25, 0.75), 3, found);
  assertEquals([[...found.ids], [...found.masses]], [[2, 1, 0], [0.75, 0.25, 0, 0]]);
});

Deno.test("drawTokens() is unbiased: shares of draws are the probabilities on average", () => {
  const [vocabulary, k, rounds] = [12, 7, 20_000];
  const p = distribution("drawn", vocabulary);
  const random = new Random(1, "test");
  const sums = new Float64Array(vocabulary);
  const found = entriesFor(1, k);
  for (let round = 0; round < rounds; round++) {
    drawTokens(p, k, found, random, round * k);
    found.ids.forEach((id, i) => sums[id]! += found.masses[i]!);
  }
  sums.forEach((sum, id) => {
    // Five standard errors of a mean of Bernoulli draws.
    const error = 5 * Math.sqrt(p[id]! * (1 - p[id]!) / (k * rounds));
    assertAlmostEquals(sum / rounds, p[id]!, error, `token ${id}`);
  });
});

Deno.test("drawTokens() draws distinct tokens that are possible, with shares of the draws that add up to 1", () => {
  const p = Float32Array.of(0, 0.5, 0, 0.5, 0);
  const found = entriesFor(1, 6);
  let both = 0;
  for (let round = 0; round < 50; round++) {
    drawTokens(p, 6, found, new Random(round, "test"), 0);
    const drawn = [...found.ids].filter((_, i) => found.masses[i]! > 0);
    assertEquals(new Set(drawn).size, drawn.length);
    both += drawn.length - 1;
    assert(drawn.every((id) => id === 1 || id === 3));
    assertAlmostEquals(found.masses.reduce((sum, mass) => sum + mass), 1, 1e-6);
    assertEquals(found.masses[6], 0, "no rest");
    assert(found.masses.every((mass) => Math.abs(6 * mass - Math.round(6 * mass)) < 1e-6));
  }
  assert(both > 40, `draws of one row are independent: 31 of 32 rows have both tokens, found ${both} of 50`);
});
