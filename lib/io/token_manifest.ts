/**
 * What a folder of tokens says of itself.
 *
 * @module
 */

import { z } from "zod";
import { exists, namesIn } from "./files.ts";
import { FileError } from "./file_error.ts";
import { readJson } from "./json.ts";

/** The name of the manifest in a folder of tokens. */
export const MANIFEST = "manifest.json";

/** The file of one split. */
export interface TokenShard {
  /** The file's name in the folder. */
  readonly file: "train.bin" | "validation.bin";
  /** How many documents there are. */
  readonly documents: number;
  /** Bytes of the documents' text as UTF-8. */
  readonly bytes: number;
  /** Tokens, one end-of-text token a document included. */
  readonly tokens: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** What a folder of tokens says of itself. */
export interface TokenManifest {
  /** Marks the file as ours. */
  readonly format: "offshoot tokens 1";
  /** The corpus as the user named it. */
  readonly corpus: string;
  /** The hash of the corpus's texts. */
  readonly corpusHash: string;
  /** The hash of the tokenizer. */
  readonly tokenizerHash: string;
  /** The largest token id plus one. */
  readonly vocabularySize: number;
  /** The token that stands behind each document. */
  readonly endOfText: number;
  /** The part of the documents that was to be held out. */
  readonly fraction: number;
  /** Selected the documents that were held out. */
  readonly seed: number;
  /** How a token is stored, little-endian. */
  readonly dtype: "u16" | "u32";
  /** The split to train on. */
  readonly train: TokenShard;
  /** The split that is held out. */
  readonly validation: TokenShard;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const shardSchema: z.ZodType<TokenShard> = z.strictObject({
  file: z.enum(["train.bin", "validation.bin"]),
  documents: count,
  bytes: count,
  tokens: count,
  sha256: hash,
});

const manifestSchema: z.ZodType<TokenManifest> = z.strictObject({
  format: z.literal("offshoot tokens 1"),
  corpus: z.string(),
  corpusHash: hash,
  tokenizerHash: hash,
  vocabularySize: z.int().positive(),
  endOfText: count,
  fraction: z.number(),
  seed: count,
  dtype: z.enum(["u16", "u32"]),
  train: shardSchema,
  validation: shardSchema,
});

/**
 * Reads the manifest of a folder of tokens.
 *
 * @returns `undefined` if there is no such folder, or it is empty.
 * @throws {FileError} If the folder holds something else, or the manifest is not one of ours.
 */
export async function readManifest(folder: string): Promise<TokenManifest | undefined> {
  const path = `${folder}/${MANIFEST}`;
  if (!await exists(path)) {
    if (!await exists(folder) || await isEmptyFolder(folder)) return undefined;
    throw new FileError(
      "read",
      folder,
      `a folder of tokens must hold ${MANIFEST}, found other files; choose another one`,
    );
  }
  const parsed = manifestSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const place = issue.path.length > 0 ? `'${issue.path.join(".")}'` : "the file";
  throw new FileError(
    "read",
    path,
    `it must be a manifest of tokens, found ${place} wrong (${issue.message}); ` +
      "choose another folder or delete this one",
  );
}

async function isEmptyFolder(folder: string): Promise<boolean> {
  return (await namesIn(folder)).length === 0;
}
