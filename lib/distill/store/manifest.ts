/**
 * What a logit store says of itself.
 *
 * @module
 */

import { z } from "zod";
import { FileError } from "../../io/file_error.ts";
import { exists, namesIn } from "../../io/files.ts";
import { readJson } from "../../io/json.ts";

/** The name of the manifest in a store, and that of its tokenizer. */
export const MANIFEST = "store.json", TOKENIZER = "tokenizer.json";

/** What is kept of a distribution: its most likely tokens and the rest of the mass, or unbiased draws from it. */
export type StoreKind = "top-k" | "sampled";

/** The kinds there are. */
export const STORE_KINDS = ["top-k", "sampled"] as const satisfies readonly StoreKind[];

/** One file of a store. */
export interface StoreShard {
  /** The file's name in the folder. */
  readonly file: string;
  /** Windows whose records it has. */
  readonly windows: number;
  /** Its size. */
  readonly bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
}

/** What decides the bytes of a store's shards. */
export interface StorePlan {
  /** SHA-256 of the teacher's weights, and the FLOPs of its forward pass a token. */
  readonly teacher: { readonly hash: string; readonly flopsPerToken: number };
  /** The hash of the tokenizer. */
  readonly tokenizerHash: string;
  /** The token that ends a document. */
  readonly endOfText: number;
  /** Tokens that the teacher knows. */
  readonly vocabularySize: number;
  /** SHA-256 of the tokens of the train split. */
  readonly tokensHash: string;
  /** Tokens a window. */
  readonly sequence: number;
  /** What logits were divided by. */
  readonly temperature: number;
  /** What is kept of each position. */
  readonly kind: StoreKind;
  /** Entries a position: the most likely tokens, or draws with replacement. */
  readonly k: number;
  /** Decides the order of windows and what is drawn. */
  readonly seed: number;
  /** Windows that the whole store has. */
  readonly windows: number;
  /** Windows of each shard but the last. */
  readonly shardWindows: number;
}

/** What a logit store says of itself. */
export interface StoreManifest extends StorePlan {
  /** Marks the file as ours. */
  readonly format: "offshoot logits 1";
  /** Bytes of all shards a token, keys included. */
  readonly bytesPerToken: number;
  /** The shards so far, in order. */
  readonly shards: readonly StoreShard[];
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().positive();
const shape = {
  teacher: z.strictObject({ hash, flopsPerToken: z.number().positive() }),
  tokenizerHash: hash,
  endOfText: z.int().nonnegative(),
  vocabularySize: count,
  tokensHash: hash,
  sequence: count,
  temperature: z.number().positive(),
  kind: z.enum(STORE_KINDS),
  k: count,
  seed: z.int().nonnegative(),
  windows: count,
  shardWindows: count,
};
const manifestSchema: z.ZodType<StoreManifest> = z.strictObject({
  format: z.literal("offshoot logits 1"),
  ...shape,
  bytesPerToken: z.number().nonnegative(),
  shards: z.array(z.strictObject({
    file: z.string().regex(/^[\w-]+\.logits$/),
    windows: count,
    bytes: count,
    sha256: hash,
  })),
});

/** Says whether a folder is a logit store, be it finished or not. */
export async function isStore(folder: string): Promise<boolean> {
  return await exists(`${folder}/${MANIFEST}`);
}

/** Counts the windows that a store has so far. */
export function windowsOf({ shards }: StoreManifest): number {
  return shards.reduce((sum, { windows }) => sum + windows, 0);
}

/** Counts the bytes that a store's shards have so far. */
export function bytesOfStore({ shards }: StoreManifest): number {
  return shards.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Reads the manifest of a store.
 *
 * @returns `undefined` if there is no such folder, or nothing in it but a lock.
 * @throws {FileError} If the folder holds something else, or the manifest is not one of ours.
 */
export async function readStoreManifest(folder: string): Promise<StoreManifest | undefined> {
  const path = `${folder}/${MANIFEST}`;
  if (!await isStore(folder)) {
    // What a task that was killed before its first manifest leaves behind is ours too.
    const ours = [".lock", TOKENIZER, `${TOKENIZER}.partial`, `${MANIFEST}.partial`];
    if (!await exists(folder) || (await namesIn(folder)).every((name) => ours.includes(name))) return undefined;
    throw new FileError("read", folder, `a logit store must hold ${MANIFEST}, found other files; choose another one`);
  }
  const parsed = manifestSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const place = issue.path.length > 0 ? `'${issue.path.join(".")}'` : "the file";
  throw new FileError(
    "read",
    path,
    `it must be the manifest of a logit store, found ${place} wrong (${issue.message}); write the store anew with ` +
      "deno task teach",
  );
}
