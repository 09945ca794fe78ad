/**
 * Writing down what a teacher thinks of a text.
 *
 * @module
 */

import { Batches } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { Random } from "../random.ts";
import { EnsemblePass } from "./ensemble_pass.ts";
import { planStore, teachersOf, type TeachOptions } from "./plan.ts";
import { drawTokens, selectTop } from "./select.ts";
import { bytesOfStore, type StorePlan, windowsOf } from "./store/manifest.ts";
import { encodeRecord, entriesFor, rowsOfEntries } from "./store/records.ts";
import { type KeyedRecord, windowKey } from "./store/shards.ts";
import { StoreWriter } from "./store/writer.ts";

/** What a store is after each of its shards. */
export interface TeachRow {
  /** Windows in the store. */
  readonly windows: number;
  /** Windows that it is to have. */
  readonly of: number;
  /** Tokens in the store. */
  readonly tokens: number;
  /** Bytes of its shards. */
  readonly bytes: number;
  /** Bytes a token, keys included. */
  readonly bytes_per_token: number;
  /** FLOPs of the teachers' passes over these tokens. */
  readonly flops: number;
  /** Speed since the row before. */
  readonly tokens_per_s: number;
}

/** Where a store lies, and how it is written. */
export interface TeachPlace {
  /** A new or empty folder, or with `resume` a store. */
  readonly folder: string;
  /** Goes on with a store that was begun before with the same options. @default {false} */
  readonly resume?: boolean;
  /** Windows of one pass of the teacher. @default as many as 2,048 tokens */
  readonly batch?: number | undefined;
  /** Ends after the shard under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Tokens of a pass. */
const PASS_TOKENS = 2048;

/**
 * Writes a logit store and yields a row after each shard. A finished store yields none.
 *
 * Windows come in the order in which a run of the seed draws them in its first epoch. Whatever ends the process, whole
 * shards stay, and a store that is resumed has the bytes of one that was written at once.
 *
 * @param teacher A model, or several of one tokenizer, whose probabilities are averaged. Models that were trained apart
 *   on a small corpus are wrong in different places, and a student can learn from all of them what none of them knows
 *   alone (Timiryasov and Tastet 2023, arXiv 2308.02019; Kim et al. 2025, arXiv 2509.14786).
 * @throws {UsageError} If the options do not fit the teacher, the text or the store that is resumed.
 * @throws {FileError} If the folder holds something else, or the file system refuses; what was written before is intact.
 */
export async function* teach(
  teacher: Model | readonly Model[],
  options: TeachOptions,
  place: TeachPlace,
): AsyncGenerator<TeachRow> {
  const teachers = teachersOf(teacher);
  const plan = await planStore(teachers, options);
  const { sequence, windows, seed, temperature } = plan;
  const { folder, resume = false, batch = Math.max(1, Math.floor(PASS_TOKENS / sequence)), signal } = place;
  using writer = await StoreWriter.open(folder, plan, options.tokenizer.json, resume);
  using pass = await EnsemblePass.create(teachers, { batch, sequence, temperature });
  const batches = new Batches(options.tokens, { batch: 1, sequence, seed });
  let before = performance.now();
  for (let done = windowsOf(writer.manifest); done < windows && !signal?.aborted;) {
    const end = Math.min(done + plan.shardWindows, windows);
    const records: KeyedRecord[] = [];
    for (let first = done; first < end; first += batch) {
      const read = Array.from({ length: Math.min(batch, end - first) }, (_, i) => batches.batch(first + i).tokens);
      records.push(...await recordsOf(pass, read, plan));
    }
    await writer.write(records);
    const now = performance.now();
    yield { ...rowOf(writer), tokens_per_s: 1000 * (end - done) * sequence / (now - before) };
    [done, before] = [end, now];
  }
}

function rowOf({ manifest }: StoreWriter): Omit<TeachRow, "tokens_per_s"> {
  const windows = windowsOf(manifest);
  const tokens = windows * manifest.sequence;
  const costs = { bytes: bytesOfStore(manifest), bytes_per_token: manifest.bytesPerToken };
  return { windows, of: manifest.windows, tokens, ...costs, flops: tokens * manifest.teacher.flopsPerToken };
}

async function recordsOf(
  pass: EnsemblePass,
  windows: readonly Uint32Array<ArrayBuffer>[],
  plan: StorePlan,
): Promise<KeyedRecord[]> {
  const { sequence, k, seed, vocabularySize: vocabulary, kind, teacher } = plan;
  const keys = windows.map((tokens) => windowKey(teacher.hash, tokens));
  const streams = keys.map((key) => new Random(seed, `draws of window ${key}`));
  const entries = entriesFor(windows.length * sequence, k);
  for await (const { first, probabilities } of pass.run(windows)) {
    for (let at = first; (at - first) * vocabulary < probabilities.length; at++) {
      const row = probabilities.subarray((at - first) * vocabulary, (at - first + 1) * vocabulary);
      const own = rowsOfEntries(entries, k, at, 1);
      if (kind === "top-k") selectTop(row, k, own);
      else drawTokens(row, k, own, streams[Math.floor(at / sequence)]!, (at % sequence) * k);
    }
  }
  if (entries.masses.some(Number.isNaN)) {
    throw new Error("Cannot teach: the teacher's probabilities must be finite, found NaN; use another teacher");
  }
  return keys.map((key, window) => {
    return { key, bytes: encodeRecord(rowsOfEntries(entries, k, window * sequence, sequence), plan) };
  });
}
