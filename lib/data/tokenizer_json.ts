/**
 * The `tokenizer.json` that is written here.
 *
 * @module
 */

import { byteCharacters } from "./byte_level.ts";
import type { Merge } from "./bpe_train.ts";

/** The special token that ends each document. */
export const endOfTextToken = "<|endoftext|>";

/** A `tokenizer.json` that is written here; settings that are not named are Hugging Face's, at their plainest. */
export interface ByteLevelTokenizerJson {
  /** The special tokens: the one that ends a document. */
  readonly added_tokens: readonly Settings<{ id: number; content: string }>[];
  /** The byte-pair encoding: ids by token, and pairs of tokens (a space between them) in the order of merging. */
  readonly model: Settings<{ type: "BPE"; vocab: Record<string, number>; merges: readonly string[] }>;
  /** The stages before and after the model. */
  readonly [stage: string]: unknown;
}

/** Settings of which only some are named. */
export type Settings<Named> = Readonly<Named> & { readonly [setting: string]: unknown };

const byteLevelStage = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

/** Writes merges as a tokenizer: id 0 ends a text, ids 1 to 256 are the bytes, and the learnt tokens follow. */
export function tokenizerJsonOf(merges: readonly Merge[]): ByteLevelTokenizerJson {
  const spellings = [...byteCharacters];
  for (const [left, right] of merges) spellings.push(spellings[left]! + spellings[right]!);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [{
      id: 0,
      content: endOfTextToken,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }],
    normalizer: null,
    pre_tokenizer: byteLevelStage,
    post_processor: null,
    decoder: byteLevelStage,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([endOfTextToken, ...spellings].map((spelling, id) => [spelling, id])),
      merges: merges.map(([left, right]) => `${spellings[left]} ${spellings[right]}`),
    },
  };
}
