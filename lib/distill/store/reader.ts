/**
 * Reading logit stores.
 *
 * @module
 */

import { canonicalJson, sha256 } from "../../data/hash.ts";
import { FileError } from "../../io/file_error.ts";
import { fileSize, hashFile } from "../../io/files.ts";
import { readJson } from "../../io/json.ts";
import { SliceFile } from "../../io/slices.ts";
import { MANIFEST, readStoreManifest, type StoreManifest, TOKENIZER, windowsOf } from "./manifest.ts";
import { decodeRecord, type Entries, entriesFor } from "./records.ts";
import { indexBytes, readIndex, type RecordPlace, windowKey } from "./shards.ts";

interface Found extends RecordPlace {
  readonly path: string;
}

/** A finished store, from which windows are read by their tokens. Dispose of it to close its files. */
export class LogitStore implements Disposable {
  /** Where it lies. */
  readonly folder: string;
  /** What it says of itself. */
  readonly manifest: StoreManifest;
  /** SHA-256 of the manifest, and by it of all shards. */
  readonly hash: string;
  /** The teacher's `tokenizer.json`. */
  readonly tokenizerJson: unknown;
  readonly #places: ReadonlyMap<string, Found>;
  readonly #files = new Map<string, SliceFile>();

  private constructor(
    { folder, manifest, hash, tokenizerJson }: Pick<LogitStore, "folder" | "manifest" | "hash" | "tokenizerJson">,
    places: ReadonlyMap<string, Found>,
  ) {
    this.folder = folder;
    this.manifest = manifest;
    this.hash = hash;
    this.tokenizerJson = tokenizerJson;
    this.#places = places;
  }

  /**
   * Opens a store and reads all of it once, to check its hashes.
   *
   * @throws {FileError} If there is none, it is not finished, or a shard is not the one that was written.
   */
  static async open(folder: string): Promise<LogitStore> {
    const manifest = await readStoreManifest(folder);
    const path = `${folder}/${MANIFEST}`;
    if (!manifest) {
      throw new FileError("read", folder, `a logit store must hold ${MANIFEST}, found none; check the path`);
    }
    const written = windowsOf(manifest);
    if (written < manifest.windows) {
      const found = `it must tell of all ${manifest.windows} windows, found ${written}`;
      throw new FileError("read", path, `${found}; finish the store with deno task teach ... --resume`);
    }
    const places = new Map<string, Found>();
    for (const shard of manifest.shards) {
      const path = `${folder}/${shard.file}`;
      await checkShard(path, shard);
      using file = new SliceFile(path);
      for (const place of readIndex(file.read(0, indexBytes(shard.windows)))) places.set(place.key, { ...place, path });
    }
    const hash = await sha256(new TextEncoder().encode(canonicalJson(manifest)));
    const tokenizerJson = await readJson(`${folder}/${TOKENIZER}`);
    return new LogitStore({ folder, manifest, hash, tokenizerJson }, places);
  }

  /** Entries a position. */
  get entries(): number {
    return this.manifest.k;
  }

  /**
   * Refuses windows that are not in the store.
   *
   * @param tokens `[windows, sequence]`, the inputs of the student.
   * @throws {FileError} If there is one.
   */
  check(tokens: Uint32Array<ArrayBuffer>): void {
    this.#find(tokens);
  }

  /**
   * Reads the entries of every position of a batch.
   *
   * @param tokens `[windows, sequence]`, the inputs of the student.
   * @throws {FileError} If one of the windows is not in the store.
   */
  read(tokens: Uint32Array<ArrayBuffer>): Entries {
    const entries = entriesFor(tokens.length, this.manifest.k);
    this.#find(tokens).forEach(({ path, start, length }, window) => {
      const bytes = this.#file(path).read(start, length);
      decodeRecord(bytes, this.manifest, entries, window * this.manifest.sequence);
    });
    return entries;
  }

  #find(tokens: Uint32Array<ArrayBuffer>): Found[] {
    const { sequence, teacher } = this.manifest;
    return Array.from({ length: tokens.length / sequence }, (_, window) => {
      const own = tokens.subarray(window * sequence, (window + 1) * sequence);
      const found = this.#places.get(windowKey(teacher.hash, own));
      if (found) return found;
      throw new FileError(
        "read",
        this.folder,
        `it must hold every window that is trained on, found none of the tokens ${own.subarray(0, 8).join(" ")} ...; ` +
          "teach the run's corpus and split with deno task teach: all windows, or those of its --seed",
      );
    });
  }

  #file(path: string): SliceFile {
    const open = this.#files.get(path) ?? new SliceFile(path);
    this.#files.set(path, open);
    return open;
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    for (const file of this.#files.values()) file[Symbol.dispose]();
    this.#files.clear();
  }
}

async function checkShard(path: string, { bytes, sha256 }: StoreManifest["shards"][number]): Promise<void> {
  const wayOut = "write the store anew with deno task teach";
  const size = await fileSize(path);
  if (size !== bytes) throw new FileError("read", path, `it must have ${bytes} bytes, found ${size}; ${wayOut}`);
  const hash = await hashFile(path);
  if (hash !== sha256) throw new FileError("read", path, `its SHA-256 must be ${sha256}, found ${hash}; ${wayOut}`);
}
