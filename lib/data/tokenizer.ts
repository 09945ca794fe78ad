/**
 * Tokenizers from `tokenizer.json`.
 *
 * @module
 */

import { Tokenizer as Library } from "@huggingface/tokenizers";
import { BytePairEncoder } from "./bpe_encode.ts";
import { bytesOf } from "./byte_level.ts";
import { byteLevelRules } from "./byte_level_rules.ts";
import { canonicalJson, sha256 } from "./hash.ts";
import { endOfTextToken } from "./tokenizer_json.ts";

/** Turns text into token ids and back. */
export interface Tokenizer {
  /** The largest token id plus one; a model's embedding needs at least as many rows. */
  readonly vocabularySize: number;
  /** The token that ends a document, if the tokenizer has one. */
  readonly endOfText: number | undefined;
  /** The `tokenizer.json`. */
  readonly json: object;
  /** SHA-256 of the canonical form of `json`, in hexadecimal. */
  readonly hash: string;
  /** Encodes a text; no token is added at its ends. Special tokens written out in the text are recognised. */
  encode(text: string): Uint32Array;
  /**
   * Decodes token ids, special tokens included; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws {RangeError} If an id is no token.
   */
  decode(ids: ArrayLike<number>): string;
}

/** Options of {@linkcode loadTokenizer}. */
export interface LoadTokenizerOptions {
  /** The text or the id of the token that ends a document. @default the first of the usual ones that the tokenizer has */
  readonly endOfText?: string | number;
}

/** Tokens that end a document in common tokenizers, the first of which a tokenizer has is taken. */
export const usualEndsOfText: readonly string[] = [endOfTextToken, "<|end_of_text|>", "</s>", "<eos>"];
const LARGEST_VOCABULARY = 2 ** 24;

/**
 * Makes a tokenizer of the contents of any Hugging Face `tokenizer.json`.
 *
 * `@huggingface/tokenizers` reads the file and decodes. It also encodes, except for plain byte-level BPE, where an own
 * encoder gives the same ids about ten times as fast.
 *
 * @throws {TypeError} If the file is no tokenizer that the library knows.
 * @throws {RangeError} If the named end-of-text token is not in the vocabulary.
 */
export async function loadTokenizer(json: unknown, options: LoadTokenizerOptions = {}): Promise<Tokenizer> {
  const library = openLibrary(json);
  const vocabularySize = vocabularySizeOf(json as LooseJson);
  const rules = byteLevelRules(json as object);
  const encoder = rules && new BytePairEncoder(rules);
  const addedTokens = [...library.get_added_tokens_decoder().values()].map(({ content }) => content);
  return {
    vocabularySize,
    endOfText: findEndOfText(library, options.endOfText),
    json: json as object,
    hash: await sha256(bytesOf(canonicalJson(json))),
    encode(text: string): Uint32Array {
      const isPlain = encoder !== undefined && !addedTokens.some((token) => text.includes(token));
      return Uint32Array.from(isPlain ? encoder.encode(text) : library.encode(text, { add_special_tokens: false }).ids);
    },
    decode(ids: ArrayLike<number>): string {
      if (ids.length === 0) return "";
      const tokens = Array.from(ids);
      const unknown = tokens.find((id) => library.id_to_token(id) === undefined);
      if (unknown !== undefined) {
        throw new RangeError(`Cannot decode: a token must be one of the ${vocabularySize} ids, found ${unknown}`);
      }
      return library.decode(tokens, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
  };
}

interface LooseJson {
  readonly model: { readonly vocab: readonly unknown[] | Readonly<Record<string, unknown>> };
  readonly added_tokens: readonly { readonly id: unknown }[];
}

function openLibrary(json: unknown): Library {
  try {
    return new Library(json as object, {});
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `Cannot load the tokenizer: it must be a Hugging Face tokenizer.json, found one that cannot be read (${reason})`,
      { cause },
    );
  }
}

function vocabularySizeOf({ model, added_tokens }: LooseJson): number {
  const ids = [
    ...(Array.isArray(model.vocab) ? model.vocab.keys() : Object.values(model.vocab)),
    ...added_tokens.map(({ id }) => id),
  ];
  let size = 0;
  for (const id of ids) {
    if (!(typeof id === "number" && Number.isInteger(id) && id >= 0 && id < LARGEST_VOCABULARY)) {
      throw new TypeError(
        `Cannot load the tokenizer: a token's id must be a whole number below ${LARGEST_VOCABULARY}, found ${id}`,
      );
    }
    size = Math.max(size, id + 1);
  }
  return size;
}

function findEndOfText(library: Library, named: string | number | undefined): number | undefined {
  const candidates = named === undefined ? usualEndsOfText : [named];
  const ids = candidates.map((token) => {
    if (typeof token === "string") return library.token_to_id(token);
    return library.id_to_token(token) === undefined ? undefined : token;
  });
  const found = ids.find((id) => id !== undefined);
  if (named !== undefined && found === undefined) {
    throw new RangeError(`Cannot load the tokenizer: 'endOfText' must be one of its tokens, found '${named}'`);
  }
  return found;
}
