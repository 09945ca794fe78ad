import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { drawTokens } from "../../lib/distill/draw_tokens.ts";
import { entriesFor } from "../../lib/distill/store/records.ts";
import { Random } from "../../lib/random.ts";
import { normals } from "../ops/harness.ts";

/** Some distribution over a vocabulary. */
function distribution(name: string, vocabulary: number): Float32Array {
  const exponentials = normals(name, vocabulary, 2).map(Math.exp);
  const sum = exponentials.reduce((all, each) => all + each);
  return exponentials.map((each) => each / sum);
}

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
