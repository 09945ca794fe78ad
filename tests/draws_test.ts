import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Draws } from "../lib/draws.ts";
import { Random } from "../lib/random.ts";

const letters = ["a", "b", "c", "d"];

Deno.test("Draws goes through its stream of random numbers in order, whatever is drawn", () => {
  const draws = new Draws(3, "order"), random = new Random(3, "order");
  assertEquals(draws.uniform(), random.uniform(0));
  assertEquals(draws.below(1000), random.below(1000, 1));
  assertEquals(draws.pick(letters), letters[random.below(4, 2)]);
  assertEquals(draws.chance(0.5), random.uniform(3) < 0.5);
  draws.subset(letters, 2);
  assertEquals(draws.uniform(), random.uniform(8));
});

Deno.test("Draws of another seed or another name are others", () => {
  const first = (seed: number, stream: string) => new Draws(seed, stream).uniform();
  assertEquals(first(1, "a"), first(1, "a"));
  assertNotEquals(first(1, "a"), first(2, "a"));
  assertNotEquals(first(1, "a"), first(1, "b"));
});

Deno.test("Draws.chance() is true with its probability", () => {
  const draws = new Draws(4, "chance");
  const hits = Array.from({ length: 4000 }, () => draws.chance(0.3)).filter(Boolean).length;
  assert(Math.abs(hits - 1200) < 120, `${hits} of 4000`); // four standard deviations
  assertEquals([draws.chance(0), draws.chance(1)], [false, true]);
});

Deno.test("Draws.subset() draws every subset of a size equally often, in the order of the values", () => {
  const draws = new Draws(5, "subsets");
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const text = draws.subset(letters, 2).join("");
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["ab", "ac", "ad", "bc", "bd", "cd"]);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert(chiSquare < 20.5, `${chiSquare}`); // 99.9 % point with 5 degrees of freedom
  assertEquals([draws.subset(letters, 0), draws.subset(letters, 4)], [[], letters]);
});

Deno.test("Draws refuses to pick what is not there", () => {
  const draws = new Draws(6, "nothing");
  assertThrows(() => draws.pick([]), RangeError, "Cannot pick a value: there must be at least one, found none");
  assertThrows(() => draws.subset(letters, 5), RangeError, "Cannot pick 5 values: there must be as many, found 4");
  assertThrows(() => new Draws(-1, "x"), RangeError, "found -1");
});
