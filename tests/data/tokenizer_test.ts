import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { byteLevelRules } from "../../lib/data/byte_level_rules.ts";
import { BytePairEncoder } from "../../lib/data/bpe_encode.ts";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { Random } from "../../lib/random.ts";
import { oddTexts, speech } from "./sample_text.ts";

const json = trainTokenizer([speech, ...oddTexts], { vocabularySize: 380 });
const tokenizer = await loadTokenizer(json);
const library = new Library(json, { clean_up_tokenization_spaces: false });

const withMarks = `${speech}<|endoftext|> again<|endoftext|><|endof`;

Deno.test("loadTokenizer() encodes exactly as @huggingface/tokenizers does", () => {
  for (const text of [speech, withMarks, ...oddTexts]) {
    assertEquals([...tokenizer.encode(text)], library.encode(text, { add_special_tokens: false }).ids, text);
  }
});

Deno.test("loadTokenizer() encodes random strings exactly as @huggingface/tokenizers does", () => {
  const random = new Random(2, "strings");
  const alphabet = [..."aabbt'  \n.1é世😀", "'s", " the", "\t"];
  for (let trial = 0; trial < 100; trial++) {
    const text = Array.from({ length: 60 }, (_, i) => alphabet[random.below(alphabet.length, 60 * trial + i)]).join("");
    assertEquals([...tokenizer.encode(text)], library.encode(text, { add_special_tokens: false }).ids, text);
  }
});

Deno.test("Tokenizer.decode() gives every well-formed text back", () => {
  for (const text of [speech, withMarks, ...oddTexts]) {
    assertEquals(tokenizer.decode(tokenizer.encode(text)), text.toWellFormed());
  }
});

Deno.test("a trained tokenizer really merges, and knows its end of text", () => {
  assert(tokenizer.encode(speech).length < 0.6 * speech.length);
  assertEquals(tokenizer.vocabularySize, 380);
  assertEquals([...tokenizer.encode("<|endoftext|>")], [tokenizer.endOfText]);
});

Deno.test("Tokenizer.decode() names an id that is no token", () => {
  assertThrows(() => tokenizer.decode([1, 380]), RangeError, "a token must be one of the 380 ids, found 380");
});

Deno.test("Tokenizer.hash follows the meaning of the file and not the order of its keys", async () => {
  const reordered = Object.fromEntries(Object.entries(json).reverse());
  assertEquals((await loadTokenizer(reordered)).hash, tokenizer.hash);
  const other = trainTokenizer([speech, ...oddTexts], { vocabularySize: 379 });
  assertNotEquals((await loadTokenizer(other)).hash, tokenizer.hash);
});

Deno.test("loadTokenizer() leaves tokenizers that do more than byte-level BPE to the library", async () => {
  const lowercase = { ...json, normalizer: { type: "Lowercase" } };
  assertEquals(byteLevelRules(lowercase), undefined);
  const lowered = await loadTokenizer(lowercase);
  assertEquals(lowered.decode(lowered.encode("The Union")), "the union");

  const words = {
    ...json,
    added_tokens: [],
    pre_tokenizer: { type: "Whitespace" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      continuing_subword_prefix: "##",
      unk_token: "[UNK]",
      vocab: { "[UNK]": 0, un: 1, "##ion": 2, the: 7 },
    },
  };
  const wordPiece = await loadTokenizer(words);
  assertEquals([...wordPiece.encode("the union")], [7, 1, 2]);
  assertEquals(wordPiece.vocabularySize, 8);
  assertEquals(wordPiece.endOfText, undefined);
});

Deno.test("the own encoder is in use for byte-level BPE, in both spellings of the merges", () => {
  const pairs = { ...json, model: { ...json.model, merges: json.model.merges.map((merge) => merge.split(" ")) } };
  const rules = byteLevelRules(json);
  assert(rules !== undefined);
  assertEquals(byteLevelRules(pairs), rules);
  assertEquals(new BytePairEncoder(rules).encode(speech), [...tokenizer.encode(speech)]);
});

Deno.test("loadTokenizer() names what is wrong with a file", async () => {
  await assertRejects(() => loadTokenizer({ hello: 1 }), TypeError, "it must be a Hugging Face tokenizer.json");
  await assertRejects(() => loadTokenizer("text"), TypeError, "Cannot load the tokenizer");
  const vocab = { ...json.model.vocab, a: -3 };
  const lying = { ...json, model: { ...json.model, vocab } };
  await assertRejects(() => loadTokenizer(lying), TypeError, "must be a whole number below 16777216, found -3");
  await assertRejects(() => loadTokenizer(json, { endOfText: "<eos>" }), RangeError, "'endOfText' must be one of");
  await assertRejects(() => loadTokenizer(json, { endOfText: 380 }), RangeError, "found '380'");
  assertEquals((await loadTokenizer(json, { endOfText: 379 })).endOfText, 379);
});
