import { assertEquals } from "@std/assert";
import { ByteLevelPreTokenizer } from "@huggingface/tokenizers";
import { byteCharacters, bytesOf, splitIntoWords } from "../../lib/data/byte_level.ts";
import { oddTexts, speech } from "./sample_text.ts";

Deno.test("splitIntoWords() and byteCharacters agree with the library's pre-tokenizer", () => {
  const reference = new ByteLevelPreTokenizer({ type: "ByteLevel", add_prefix_space: false, use_regex: true });
  for (const text of [speech, ...oddTexts]) {
    const words = splitIntoWords(text).map((word) =>
      Array.from(bytesOf(word), (byte) => byteCharacters[byte]).join("")
    );
    assertEquals(words, reference.pre_tokenize_text(text, {}));
  }
});

Deno.test("byteCharacters are 256 different characters, in GPT-2's spelling", () => {
  assertEquals(new Set(byteCharacters).size, 256);
  assertEquals([..." \nA~"].map((character) => byteCharacters[character.charCodeAt(0)]), ["Ġ", "Ċ", "A", "~"]);
});
