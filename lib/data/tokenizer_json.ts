import { byteCharacters } from "./byte_level.ts";
import type { Merge } from "./bpe_train.ts";

/** The special token that ends each document. */
export const endOfTextToken = "<|endoftext|>";

/** An entry of a tokenizer's `added_tokens`. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** The form of a `tokenizer.json` that is written here; field names and meaning are Hugging Face's. */
export interface ByteLevelTokenizerJson {
  readonly version: "1.0";
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: null;
  readonly pre_tokenizer: ByteLevelStage;
  readonly post_processor: null;
  readonly decoder: ByteLevelStage;
  readonly model: {
    readonly type: "BPE";
    readonly dropout: null;
    readonly unk_token: null;
    readonly continuing_subword_prefix: null;
    readonly end_of_word_suffix: null;
    readonly fuse_unk: false;
    readonly byte_fallback: false;
    readonly ignore_merges: false;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly string[];
  };
}

interface ByteLevelStage {
  readonly type: "ByteLevel";
  readonly add_prefix_space: boolean;
  readonly trim_offsets: boolean;
  readonly use_regex: boolean;
}

const byteLevelStage: ByteLevelStage = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
};

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
