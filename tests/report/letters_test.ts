import { assert, assertEquals } from "@std/assert";
import { cardOf } from "../../lib/report/card.ts";
import { captioned } from "../../lib/report/compose.ts";
import { LETTER, longestOf, shorten, truncate } from "../../lib/report/letters.ts";
import { textsOf } from "./svg.ts";

Deno.test("a long name loses its middle, and a short one nothing", () => {
  assertEquals(["abcdefgh", "abcdefghi", "abcdefghij"].map((name) => shorten(name, 8)), [
    ...["abcdefgh", "abcd…ghi", "abcd…hij"],
  ]);
});

Deno.test("a line that is wider than its room loses its end", () => {
  assertEquals(["abcd", "abcde"].map((line) => truncate(line, 4.5 * LETTER)), ["abcd", "abc…"]);
  assertEquals(longestOf(["a", "abc", "ab"]), 3 * LETTER);
  assertEquals(longestOf([]), 0);
});

Deno.test("cards and captions cut a line where their room ends", () => {
  const long = "x".repeat(300);
  const [, name, value] = textsOf(cardOf({ title: "A card", lines: [["name", long]] }).svg);
  assertEquals(name, "name");
  assertEquals(value, truncate(long, 720 - 16 - 24 - Math.ceil(4 * LETTER)));
  const [line] = textsOf(captioned('<svg width="400" height="50"></svg>', { lines: [long] }));
  assertEquals(line, truncate(long, 380));
  assert(line!.length * LETTER <= 380 && line!.endsWith("…"));
});
