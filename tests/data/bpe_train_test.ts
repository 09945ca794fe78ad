import { assertEquals } from "@std/assert";
import { type Merge, trainMerges } from "../../lib/data/bpe_train.ts";
import { bytesOf, splitIntoWords } from "../../lib/data/byte_level.ts";
import { Random } from "../../lib/random.ts";
import { oddTexts, speech } from "./sample_text.ts";

/** Counts every pair anew before each merge, with none of the trainer's data structures. */
function trainNaively(texts: readonly string[], limit: number): Merge[] {
  const words = texts.flatMap((text) => splitIntoWords(text).map((word) => [...bytesOf(word)]));
  const merges: Merge[] = [];
  while (merges.length < limit) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const best = [...counts].filter(([, count]) => count >= 2).map(([pair, count]) => {
      const [left, right] = pair.split(" ").map(Number) as [number, number];
      return { left, right, count };
    }).sort((a, b) => b.count - a.count || a.left - b.left || a.right - b.right)[0];
    if (best === undefined) break;
    const { left, right } = best;
    merges.push([left, right]);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, 255 + merges.length);
      }
    }
  }
  return merges;
}

Deno.test("trainMerges() learns the merges of a trainer that recounts everything", () => {
  assertEquals(trainMerges([speech, ...oddTexts], 120), trainNaively([speech, ...oddTexts], 120));
});

Deno.test("trainMerges() equals the naive trainer on random words of few letters, ties and overlaps included", () => {
  const random = new Random(1, "letters");
  for (let trial = 0; trial < 40; trial++) {
    const letters = Array.from(
      { length: 150 },
      (_, i) => "ab c"[random.below(trial % 2 === 0 ? 3 : 4, 150 * trial + i)],
    );
    const text = letters.join("");
    assertEquals(trainMerges([text], 60), trainNaively([text], 60));
  }
});

Deno.test("trainMerges() stops when no pair occurs twice", () => {
  assertEquals(trainMerges(["abc"], 10), []);
  assertEquals(trainMerges(["abab"], 10), [[97, 98]]);
});
