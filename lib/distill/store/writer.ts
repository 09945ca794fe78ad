/**
 * Writing logit stores, shard by shard.
 *
 * @module
 */

import { canonicalJson, sha256 } from "../../data/hash.ts";
import { writeAtomically } from "../../io/atomic.ts";
import { UsageError } from "../../cli/usage_error.ts";
import { FileError } from "../../io/file_error.ts";
import { jsonText } from "../../io/json.ts";
import { tryLockFolder } from "../../io/lock.ts";
import {
  bytesOfStore,
  MANIFEST,
  readStoreManifest,
  type StoreManifest,
  type StorePlan,
  TOKENIZER,
  windowsOf,
} from "./manifest.ts";
import { type KeyedRecord, packShard } from "./shards.ts";

/**
 * A store that is being written. Each shard is on the disk before the manifest names it, so that whatever stops the
 * process, the manifest tells of whole shards only, and the next one continues after them.
 */
export class StoreWriter implements Disposable {
  readonly folder: string;
  #manifest: StoreManifest;
  readonly #lock: Disposable;

  private constructor(folder: string, manifest: StoreManifest, lock: Disposable) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#lock = lock;
  }

  /**
   * Begins a store in a new or empty folder, or goes on with the one that is there.
   *
   * @param resume Whether to go on with a store; without one it begins.
   * @throws {UsageError} If there is a store that is not to be resumed, or one that was planned otherwise.
   * @throws {FileError} If the folder holds something else, another process writes it, or the file system refuses.
   */
  static async open(folder: string, plan: StorePlan, tokenizerJson: unknown, resume: boolean): Promise<StoreWriter> {
    // A folder of something else is left as it is, without a lock.
    await readStoreManifest(folder);
    const lock = await tryLockFolder(folder);
    if (!lock) throw new FileError("write", folder, "another process writes this store; wait for its end");
    using cleanup = new DisposableStack();
    cleanup.use(lock);
    // Only now: another process may have written until it was locked.
    const found = await readStoreManifest(folder);
    if (found && !resume) {
      throw new UsageError(
        `Cannot begin a store in '${folder}': there must be none, found one of ${windowsOf(found)} of ` +
          `${found.windows} windows; choose another --out, or continue it with --resume`,
      );
    }
    if (found) checkSamePlan(folder, found, plan);
    const manifest = found ?? { format: "offshoot logits 1", ...plan, bytesPerToken: 0, shards: [] };
    const writer = new StoreWriter(folder, manifest, lock);
    if (!found) {
      await writeAtomically(`${folder}/${TOKENIZER}`, jsonText(tokenizerJson));
      await writer.#writeManifest();
    }
    cleanup.move();
    return writer;
  }

  /** What is on the disk. */
  get manifest(): StoreManifest {
    return this.#manifest;
  }

  /**
   * Writes the next shard.
   *
   * @throws {FileError} If the file system refuses; what was written before is intact.
   */
  async write(records: readonly KeyedRecord[]): Promise<void> {
    const { shards, sequence } = this.#manifest;
    const file = `${String(shards.length).padStart(5, "0")}.logits`;
    const content = packShard(records);
    try {
      await writeAtomically(`${this.folder}/${file}`, content);
      const shard = { file, windows: records.length, bytes: content.length, sha256: await sha256(content) };
      const all = { ...this.#manifest, shards: [...shards, shard] };
      await this.#writeManifest({ ...all, bytesPerToken: bytesOfStore(all) / (windowsOf(all) * sequence) });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const reason = error.message.replace(/^Cannot write '[^']*': /, "");
      const kept = `the ${windowsOf(this.#manifest)} windows before are intact, go on with --resume`;
      throw new FileError("write", error.path, `${reason}; ${kept}`, error);
    }
  }

  async #writeManifest(manifest = this.#manifest): Promise<void> {
    await writeAtomically(`${this.folder}/${MANIFEST}`, jsonText(manifest));
    this.#manifest = manifest;
  }

  /** Lets another process write. */
  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]();
  }
}

const FLAGS: { readonly [K in keyof StorePlan]?: string } = {
  teacher: "the model in --teacher",
  tokenizerHash: "the teacher's tokenizer",
  tokensHash: "the tokens of --corpus",
  windows: "--windows",
};

function checkSamePlan(folder: string, found: StoreManifest, plan: StorePlan): void {
  for (const [field, value] of Object.entries(plan) as [keyof StorePlan, unknown][]) {
    const [before, now] = [found[field], value].map(canonicalJson);
    if (before === now) continue;
    const what = FLAGS[field] ?? `--${field}`;
    throw new UsageError(
      `Cannot resume '${folder}': ${what} must be what the store began with, ${short(found[field])}, found ` +
        `${short(value)}; restore it, or begin another store`,
    );
  }
}

function short(value: unknown): string {
  const inner = typeof value === "object" && value !== null && "hash" in value ? value.hash : value;
  return typeof inner === "string" && inner.length === 64 ? `SHA-256 ${inner.slice(0, 12)}` : String(inner);
}
