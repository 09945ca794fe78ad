/**
 * Writing down what a teacher thinks of a split.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import { Random } from "../random.ts";
import type { Model } from "../model/model.ts";
import { drawTokens, selectTop } from "./select.ts";
import { encodeRecord, type Entries, entriesFor } from "./store/records.ts";
import type { StorePlan } from "./store/manifest.ts";
import { type KeyedRecord, windowKey } from "./store/shards.ts";
import type { StoreWriter } from "./store/writer.ts";
import { windowsOf } from "./store/manifest.ts";
import { TeacherPass } from "./teacher_pass.ts";

/** What teaching reports after each shard. */
export interface TeachRow {
  /** Windows in the store. */
  readonly windows: number;
  /** Tokens a second since the row before. */
  readonly tokens_per_s: number;
  /** Bytes of the store so far. */
  readonly bytes: number;
}

/** Tokens of a shard, at least; a store has at most 256 or so. */
const SHARD_TOKENS = 2 ** 14, MOST_SHARDS = 256;

/** Returns the windows of a shard. */
export function shardWindows(windows: number, sequence: number): number {
  return Math.ceil(Math.max(SHARD_TOKENS / sequence, windows / MOST_SHARDS));
}

/**
 * Writes the shards that a store lacks and yields a row after each.
 *
 * Windows come in the order in which a run of the plan's seed draws them in its first epoch.
 *
 * @param tokens The train split.
 * @param batch Windows of one pass.
 * @param signal Ends after the shard under way.
 * @throws {FileError} If the file system refuses; what was written before is intact.
 */
export async function* teach(
  teacher: Model,
  tokens: TokenArray,
  writer: StoreWriter,
  batch: number,
  signal?: AbortSignal,
): AsyncGenerator<TeachRow> {
  const plan = writer.manifest;
  const { sequence, windows, seed } = plan;
  const all = Math.floor((tokens.length - 1) / sequence);
  const order = new Random(seed, "training batches").permutation(all, 0);
  const windowAt = (place: number) => {
    const start = order(place) * sequence;
    return Uint32Array.from(tokens.subarray(start, start + sequence));
  };
  using pass = await TeacherPass.create(teacher, { batch, sequence, temperature: plan.temperature });
  let before = performance.now();
  for (let done = windowsOf(plan); done < windows && !signal?.aborted;) {
    const end = Math.min(done + plan.shardWindows, windows);
    const records: KeyedRecord[] = [];
    for (let first = done; first < end; first += batch) {
      const read = Array.from({ length: Math.min(batch, end - first) }, (_, i) => windowAt(first + i));
      records.push(...await recordsOf(pass, read, plan));
    }
    await writer.write(records);
    const now = performance.now();
    const speed = (end - done) * sequence / (now - before) * 1000;
    done = end;
    before = now;
    yield { windows: done, tokens_per_s: speed, bytes: writer.manifest.bytesPerToken * done * sequence };
  }
}

async function recordsOf(
  pass: TeacherPass,
  windows: readonly Uint32Array<ArrayBuffer>[],
  plan: StorePlan,
): Promise<KeyedRecord[]> {
  const { sequence, k, seed, vocabularySize: vocabulary, kind, teacher } = plan;
  const keys = windows.map((tokens) => windowKey(teacher.hash, tokens));
  const streams = keys.map((key) => new Random(seed, `logit store, window ${key}`));
  const entries = entriesFor(windows.length * sequence, k);
  for await (const { first, probabilities } of pass.run(windows)) {
    if (kind === "top-k") {
      selectTop(probabilities, vocabulary, k, entries, first);
      continue;
    }
    for (let row = 0; row < probabilities.length / vocabulary; row++) {
      const [window, position] = [Math.floor((first + row) / sequence), (first + row) % sequence];
      const own = probabilities.subarray(row * vocabulary, (row + 1) * vocabulary);
      drawTokens(own, vocabulary, k, entries, first + row, streams[window]!, position);
    }
  }
  return keys.map((key, window) => ({
    key,
    bytes: encodeRecord(partOf(entries, window * sequence, sequence, k), plan),
  }));
}

function partOf({ ids, masses }: Entries, first: number, count: number, k: number): Entries {
  return {
    ids: ids.subarray(first * k, (first + count) * k),
    masses: masses.subarray(first * (k + 1), (first + count) * (k + 1)),
  };
}
