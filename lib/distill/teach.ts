/**
 * Writing down what a teacher thinks of a text.
 *
 * @module
 */

import { Batches } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { drawnEntries } from "./drawn_entries.ts";
import { EnsemblePass } from "./ensemble_pass.ts";
import { EntriesPass, type WindowEntries, type Windows } from "./entries_pass.ts";
import { passesFrom, windowsOfPass } from "./passes.ts";
import { planStore, teachersOf, type TeachOptions } from "./plan.ts";
import { bytesOfStore, type StorePlan, windowsOf } from "./store/manifest.ts";
import { encodeRecord, rowsOfEntries } from "./store/records.ts";
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
  /** Windows of one pass of the teacher. @default as many as 2,048 tokens, on hardware up to 16,384 */
  readonly batch?: number | undefined;
  /** Ends after the shard under way. */
  readonly signal?: AbortSignal | undefined;
}

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
  const { sequence, windows, seed } = plan;
  const { folder, resume = false, batch = windowsOfPass(teachers[0]!, sequence), signal } = place;
  using writer = await StoreWriter.open(folder, plan, options.tokenizer.json, resume);
  let done = windowsOf(writer.manifest);
  if (done === windows || signal?.aborted) return;
  const batches = new Batches(options.tokens, { batch: 1, sequence, seed });
  const passes = passesFrom(done, plan, batch).map(({ first, count }) =>
    Array.from({ length: count }, (_, i) => batches.batch(first + i).tokens)
  );
  using owned = new DisposableStack();
  const found = await entriesOf(teachers, passes, plan, batch, owned);
  let before = performance.now();
  let records: KeyedRecord[] = [];
  for await (const each of found) {
    records.push(...recordsOf(each, plan));
    if (records.length < Math.min(plan.shardWindows, windows - done)) continue;
    await writer.write(records);
    const now = performance.now();
    yield { ...rowOf(writer), tokens_per_s: 1000 * records.length * sequence / (now - before) };
    if (signal?.aborted) return;
    done += records.length;
    [before, records] = [now, []];
  }
}

/** Compiles what finds the entries that a store of a plan keeps, and runs it. */
async function entriesOf(
  teachers: readonly Model[],
  passes: Iterable<Windows>,
  plan: StorePlan,
  batch: number,
  owned: DisposableStack,
): Promise<AsyncIterable<WindowEntries>> {
  const { sequence, temperature, k } = plan;
  const shape = { batch, sequence, temperature };
  if (plan.kind === "top-k") return owned.use(await EntriesPass.create(teachers, { ...shape, k })).run(passes);
  return drawnEntries(owned.use(await EnsemblePass.create(teachers, shape)), passes, plan);
}

function rowOf({ manifest }: StoreWriter): Omit<TeachRow, "tokens_per_s"> {
  const windows = windowsOf(manifest);
  const tokens = windows * manifest.sequence;
  const costs = { bytes: bytesOfStore(manifest), bytes_per_token: manifest.bytesPerToken };
  return { windows, of: manifest.windows, tokens, ...costs, flops: tokens * manifest.teacher.flopsPerToken };
}

function recordsOf({ windows, entries }: WindowEntries, plan: StorePlan): KeyedRecord[] {
  const { sequence, k, teacher } = plan;
  if (entries.masses.includes(NaN)) {
    throw new Error("Cannot teach: the teacher's probabilities must be finite, found NaN; use another teacher");
  }
  return windows.map((tokens, window) => ({
    key: windowKey(teacher.hash, tokens),
    bytes: encodeRecord(rowsOfEntries(entries, k, window * sequence, sequence), plan),
  }));
}
