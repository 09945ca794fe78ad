/**
 * Training of tokenizers.
 *
 * @module
 */

import { trainMerges } from "./bpe_train.ts";
import { type ByteLevelTokenizerJson, endOfTextToken, tokenizerJsonOf } from "./tokenizer_json.ts";

const BYTES_AND_END_OF_TEXT = 257;

/** Options of {@linkcode trainTokenizer}. */
export interface TrainTokenizerOptions {
  /** The number of tokens: `<|endoftext|>`, the 256 bytes, and the learnt ones. */
  readonly vocabularySize: number;
}

/**
 * Trains a byte-level BPE tokenizer on texts and returns it as a Hugging Face `tokenizer.json`.
 *
 * Any text can be encoded, and comes back byte for byte when decoded. Validation texts should not be among `texts`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trainTokenizer } from "./tokenizer_train.ts";
 *
 * const json = trainTokenizer(["low lower lowest"], { vocabularySize: 259 });
 * assertEquals(json.model.merges, ["l o", "lo w"]);
 * ```
 *
 * @throws {RangeError} If the vocabulary is smaller than 257 or larger than the texts have pairs to merge.
 * @throws {TypeError} If `texts` is one text: its characters are no texts to learn from.
 */
export function trainTokenizer(
  texts: Iterable<string>,
  { vocabularySize }: TrainTokenizerOptions,
): ByteLevelTokenizerJson {
  if (typeof texts === "string") {
    throw new TypeError(
      "Cannot train a tokenizer: 'texts' must be a list of texts, found one text; put it in [ ]",
    );
  }
  if (!Number.isInteger(vocabularySize) || vocabularySize < BYTES_AND_END_OF_TEXT) {
    throw new RangeError(
      `Cannot train a tokenizer: 'vocabularySize' must be a whole number of at least ${BYTES_AND_END_OF_TEXT} ` +
        `(256 bytes and ${endOfTextToken}), found ${vocabularySize}`,
    );
  }
  const json = tokenizerJsonOf(trainMerges(texts, vocabularySize - BYTES_AND_END_OF_TEXT));
  const reached = Object.keys(json.model.vocab).length;
  if (reached < vocabularySize) {
    throw new RangeError(
      `Cannot train a tokenizer: 'vocabularySize' must be at most ${reached} for this text, in which no further pair ` +
        `occurs twice, found ${vocabularySize}; ask for fewer tokens or give more text`,
    );
  }
  return json;
}
