import { assert, assertEquals } from "@std/assert";
import { Draws } from "../../lib/draws.ts";
import { Prefixes } from "../../lib/subnet/index_lists.ts";
import { preferEvenlySpaced, preferFirst, preferWorth } from "../../lib/subnet/preferences.ts";
import { Subsets } from "../../lib/subnet/subsets.ts";

const sizes = [1, 2, 3, 4, 5, 6, 7];
/** Pairs (0, 2) and (1, 3), then three single indices. */
const paired = new Subsets(sizes, { pairs: 2, leastPairs: 1, singles: 3 });
const plain = new Subsets(sizes, { pairs: 0, leastPairs: 0, singles: 7 });

Deno.test("lists are put together from pairs and single indices", () => {
  assertEquals(paired.sizes, [2, 3, 4, 5, 6, 7]);
  assertEquals([...paired.all(3)].map(String).sort(), ["0,2,4", "0,2,5", "0,2,6", "1,3,4", "1,3,5", "1,3,6"]);
  assertEquals([...paired.all(6)].map(String).sort(), ["0,1,2,3,4,5", "0,1,2,3,4,6", "0,1,2,3,5,6"]);
  assertEquals([...paired.all(7)], [[0, 1, 2, 3, 4, 5, 6]]);
});

Deno.test("a size varies if it has several lists", () => {
  for (const lists of [paired, plain, new Subsets(sizes, { pairs: 2, leastPairs: 2, singles: 3 })]) {
    for (const size of lists.sizes) {
      const all = [...lists.all(size)];
      assertEquals(lists.count(size), all.length);
      assertEquals(lists.varies(size), all.length > 1);
    }
  }
});

Deno.test("each list of a size is drawn equally often, with pairs too", () => {
  const draws = new Draws(1, "lists");
  const all = [...paired.all(4)].map(String);
  assertEquals(all.length, 7); // both pairs, or one of two with two of three single indices
  const counts = new Map(all.map((text) => [text, 0]));
  for (let i = 0; i < 7000; i++) {
    const text = String(paired.draw(4, draws));
    counts.set(text, counts.get(text)! + 1);
  }
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert(chiSquare < 22.5, `${chiSquare}`); // 99.9 % point with 6 degrees of freedom
});

Deno.test("a resized list keeps what it can", () => {
  const draws = new Draws(2, "resize");
  const rotary = new Subsets([1, 2, 3, 4, 5, 6, 7, 8], { pairs: 3, leastPairs: 1, singles: 2 });
  for (const lists of [paired, plain, rotary]) {
    for (const from of lists.sizes) {
      for (const to of lists.sizes.filter((size) => size !== from)) {
        for (const list of lists.all(from)) {
          const other = lists.resize(list, to, draws);
          const shared = list.filter((index) => other.includes(index)).length;
          assert([...lists.all(to)].some((each) => String(each) === String(other)));
          const best = Math.max(
            ...[...lists.all(to)].map((each) => list.filter((index) => each.includes(index)).length),
          );
          assertEquals(shared, best);
        }
      }
    }
  }
});

Deno.test("every other list of a size can be reached by exchanges, few indices being exchanged most often", () => {
  const draws = new Draws(3, "exchange");
  for (const lists of [paired, plain]) {
    for (const size of lists.sizes.filter((size) => lists.varies(size))) {
      const known = new Set([...lists.all(size)].map(String));
      const reached = new Set<string>();
      let list = lists.draw(size, draws);
      for (let i = 0; i < 600; i++) {
        const other = lists.exchange(list, draws);
        assert(String(other) !== String(list));
        assert(known.has(String(other)));
        list = other;
        reached.add(String(list));
      }
      assertEquals(reached.size, known.size);
    }
  }
  const whole = plain.draw(3, draws);
  const kept = Array.from({ length: 600 }, () => plain.exchange(whole, draws))
    .map((other) => other.filter((index) => whole.includes(index)).length);
  const [none, one, two] = [0, 1, 2].map((size) => kept.filter((count) => count === size).length);
  assert(none! > 0 && none! < one! && one! < two!, `${none}, ${one}, ${two}`);
});

Deno.test("preferences choose the first, evenly spaced, or worthiest units", () => {
  assertEquals(plain.choose(3, preferFirst), [0, 1, 2]);
  assertEquals(plain.choose(3, preferEvenlySpaced), [0, 3, 6]);
  assertEquals(plain.choose(1, preferEvenlySpaced), [0]);
  assertEquals(plain.choose(3, preferWorth((index) => [5, 0, 9, 1, 5, 9, 5][index]!)), [0, 2, 5]);
  assertEquals([2, 3, 4, 5].map((size) => String(paired.choose(size, preferFirst))), [
    ...["0,2", "0,2,4", "0,1,2,3", "0,1,2,3,4"],
  ]);
  assertEquals(paired.choose(6, preferEvenlySpaced), [0, 1, 2, 3, 4, 6]);
});

Deno.test("a preference weighs rotary pairs against single indices by what is worth most together", () => {
  const scores = [9, 1, 0, 1, 3, 7, 2];
  const worth = (list: readonly number[]) => list.reduce((sum, index) => sum + scores[index]!, 0);
  for (const size of paired.sizes) {
    const chosen = paired.choose(size, preferWorth((index) => scores[index]!));
    assertEquals(worth(chosen), Math.max(...[...paired.all(size)].map(worth)));
  }
  assertEquals(paired.choose(4, preferWorth((index) => scores[index]!)), [0, 2, 4, 5]);
});

Deno.test("prefixes are their sizes", () => {
  const prefixes = new Prefixes([2, 4]);
  const draws = new Draws(4, "prefixes");
  assertEquals([prefixes.draw(2), prefixes.resize([0, 1], 4), prefixes.choose(4)], [[0, 1], [0, 1, 2, 3], [
    0,
    1,
    2,
    3,
  ]]);
  assertEquals([[...prefixes.all(2)], prefixes.count(), prefixes.varies()], [[[0, 1]], 1, false]);
  assertEquals(draws.uniform(), new Draws(4, "prefixes").uniform());
});
