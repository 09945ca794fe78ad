/**
 * A split's tokens as a file.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import { bytesOf } from "../data/byte_level.ts";
import type { Document } from "../data/document.ts";
import { sha256 } from "../data/hash.ts";
import { FileError, withFile } from "./file_error.ts";
import { writeNew } from "./files.ts";
import type { TokenManifest, TokenShard } from "./token_manifest.ts";

type Dtype = TokenManifest["dtype"];

/** The arrays that hold tokens in memory; all systems that Deno runs on are little-endian, as the files are. */
const arrays = { u16: Uint16Array, u32: Uint32Array };

/** Returns the smallest type that holds every token of a vocabulary. */
export function dtypeOf(vocabularySize: number): Dtype {
  return vocabularySize <= 2 ** 16 ? "u16" : "u32";
}

/** Encodes documents one after the other, each followed by the end-of-text token. */
export function encodeDocuments(
  documents: readonly Document[],
  encode: (text: string) => Uint32Array,
  endOfText: number,
  dtype: Dtype,
): TokenArray {
  const pieces = documents.map(({ text }) => encode(text));
  const tokens = new arrays[dtype](pieces.reduce((sum, piece) => sum + piece.length + 1, 0));
  let position = 0;
  for (const piece of pieces) {
    tokens.set(piece, position);
    position += piece.length;
    tokens[position++] = endOfText;
  }
  return tokens;
}

/** Writes the tokens of a split as a new file and returns the file's entry in the manifest. */
export async function writeShard(
  folder: string,
  file: TokenShard["file"],
  documents: readonly Document[],
  tokens: TokenArray,
): Promise<TokenShard> {
  const content = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  return {
    file,
    documents: documents.length,
    bytes: documents.reduce((sum, { text }) => sum + bytesOf(text).length, 0),
    tokens: tokens.length,
    sha256: await writeNew(`${folder}/${file}`, content),
  };
}

/**
 * Reads the tokens of a split.
 *
 * @throws {FileError} If the file cannot be read, or is not the one that was written.
 */
export async function readShard(folder: string, shard: TokenShard, dtype: Dtype): Promise<TokenArray> {
  const path = `${folder}/${shard.file}`;
  const content = await withFile("read", path, () => Deno.readFile(path));
  const array = arrays[dtype];
  const length = shard.tokens * array.BYTES_PER_ELEMENT;
  const wayOut = "delete its folder to encode the corpus again";
  if (content.length !== length) {
    throw new FileError("read", path, `it must have ${length} bytes, found ${content.length}; ${wayOut}`);
  }
  const hash = await sha256(content);
  if (hash !== shard.sha256) {
    throw new FileError("read", path, `its SHA-256 must be ${shard.sha256}, found ${hash}; ${wayOut}`);
  }
  return new array(content.buffer);
}
