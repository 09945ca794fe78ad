import { assertEquals, assertThrows } from "@std/assert";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { speech } from "./sample_text.ts";

Deno.test("trainTokenizer() gives exactly the vocabulary size asked for, with ids from 0 without gaps", () => {
  for (const vocabularySize of [257, 258, 330]) {
    const { model, added_tokens } = trainTokenizer([speech], { vocabularySize });
    assertEquals(Object.values(model.vocab).sort((a, b) => a - b), Array.from({ length: vocabularySize }, (_, i) => i));
    assertEquals(model.vocab["<|endoftext|>"], added_tokens[0]!.id);
  }
});

Deno.test("trainTokenizer() gives the same file twice", () => {
  const train = (): string => JSON.stringify(trainTokenizer([speech], { vocabularySize: 320 }));
  assertEquals(train(), train());
});

Deno.test("trainTokenizer() names a vocabulary that is too small or too large for the text", () => {
  const train = (vocabularySize: number) => () => trainTokenizer([speech], { vocabularySize });
  assertThrows(train(256), RangeError, "'vocabularySize' must be a whole number of at least 257");
  assertThrows(train(300.5), RangeError, "found 300.5");
  assertThrows(train(4096), RangeError, "'vocabularySize' must be at most ");
});

Deno.test("trainTokenizer() refuses one text in place of a list, whose characters it would have trained on", () => {
  assertThrows(
    () => trainTokenizer(speech, { vocabularySize: 257 }),
    TypeError,
    "Cannot train a tokenizer: 'texts' must be a list of texts, found one text; put it in [ ]",
  );
});
