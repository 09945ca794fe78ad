/**
 * Token stores: folders that hold a corpus as tokens, one file a split, so that a corpus is encoded once.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import { type Corpus, defaultValidationFraction, splitDocuments } from "../data/document.ts";
import { type Tokenizer, usualEndsOfText } from "../data/tokenizer.ts";
import { restoreReplaced, writeFolderAtomically } from "./atomic.ts";
import { FileError } from "./file_error.ts";
import { writeNew } from "./files.ts";
import { jsonText } from "./json.ts";
import { MANIFEST, readManifest, type TokenManifest, type TokenShard } from "./token_manifest.ts";
import { dtypeOf, encodeDocuments, readShard, writeShard } from "./token_shards.ts";

export type { TokenManifest, TokenShard } from "./token_manifest.ts";

/** Options of {@linkcode prepareTokens}. */
export interface PrepareTokensOptions {
  /** The documents. */
  readonly corpus: Corpus;
  /** The tokenizer, which must have an end-of-text token. */
  readonly tokenizer: Tokenizer;
  /** The folder of tokens: a new or empty one, or one that was made here. */
  readonly directory: string;
  /** The part of the documents to hold out. @default {0.05} */
  readonly fraction?: number;
  /** Selects the documents to hold out. @default {0} */
  readonly seed?: number;
}

/** A corpus as tokens. */
export interface TokenStore {
  /** Counts, hashes and where the tokens came from. */
  readonly manifest: TokenManifest;
  /** Train tokens: the documents in the order of the corpus, each followed by the end-of-text token. */
  readonly train: TokenArray;
  /** Validation tokens, in the same form. */
  readonly validation: TokenArray;
}

/**
 * Encodes a corpus into a folder, or takes what is there if corpus, tokenizer and split are still the same.
 *
 * The folder is replaced as a whole: whatever stops the process, it holds the old tokens or the new ones.
 *
 * @throws {RangeError} If the tokenizer has no end-of-text token, or the corpus cannot be split.
 * @throws {FileError} If the folder holds something else, a shard in it is damaged, or the file system refuses.
 */
export async function prepareTokens(options: PrepareTokensOptions): Promise<TokenStore> {
  const { corpus, tokenizer, directory, fraction = defaultValidationFraction, seed = 0 } = options;
  const { endOfText, vocabularySize } = tokenizer;
  if (endOfText === undefined) {
    throw new RangeError(
      `Cannot prepare tokens: the tokenizer must have an end-of-text token (${usualEndsOfText.join(", ")}), ` +
        "found none; name the token that ends a document with --end-of-text",
    );
  }
  const origin = { corpusHash: corpus.hash, tokenizerHash: tokenizer.hash, vocabularySize, endOfText, fraction, seed };
  await restoreReplaced(directory);
  const found = await readManifest(directory);
  if (
    found !== undefined && Object.entries(origin).every(([name, value]) => found[name as keyof typeof origin] === value)
  ) {
    return await readStore(directory, found);
  }

  const split = splitDocuments(corpus.documents, { fraction, seed });
  const dtype = dtypeOf(vocabularySize);
  const encode = (text: string): Uint32Array => tokenizer.encode(text);
  const train = encodeDocuments(split.train, encode, endOfText, dtype);
  const validation = encodeDocuments(split.validation, encode, endOfText, dtype);
  await writeFolderAtomically(directory, async (partial) => {
    const manifest: TokenManifest = {
      format: "offshoot tokens 1",
      corpus: corpus.name,
      ...origin,
      dtype,
      train: await writeShard(partial, "train.bin", split.train, train),
      validation: await writeShard(partial, "validation.bin", split.validation, validation),
    };
    await writeNew(`${partial}/${MANIFEST}`, jsonText(manifest));
  });
  return await openTokens(directory);
}

/**
 * Opens a folder of tokens.
 *
 * @throws {FileError} If there is none, a shard in it is damaged, or the file system refuses.
 */
export async function openTokens(directory: string): Promise<TokenStore> {
  await restoreReplaced(directory);
  const manifest = await readManifest(directory);
  if (manifest === undefined) {
    throw new FileError("read", directory, "it must be a folder of tokens, found nothing there; check the path");
  }
  return await readStore(directory, manifest);
}

/** Returns the bytes of text per token of a split, which turn a loss per token into bits per byte. */
export function bytesPerToken({ bytes, tokens }: TokenShard): number {
  return bytes / tokens;
}

async function readStore(directory: string, manifest: TokenManifest): Promise<TokenStore> {
  const { dtype } = manifest;
  return {
    manifest,
    train: await readShard(directory, manifest.train, dtype),
    validation: await readShard(directory, manifest.validation, dtype),
  };
}
