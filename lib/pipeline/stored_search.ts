/**
 * What the `config.json` of a search directory holds.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { hashFile, namesIn } from "../io/files.ts";
import type { LatencyModel } from "../subnet/latency/model.ts";
import { show } from "../unknown.ts";

/** What a search depends on, as SHA-256. */
export type SearchHashes = Readonly<Record<"teacher" | "corpus" | "tokenizer", string>>;

/**
 * What a search's `config.json` holds.
 *
 * @typeParam Settings Of the search: the flags of `deno task search`, by their names in JSON.
 */
export interface StoredSearch<Settings = Readonly<Record<string, unknown>>> {
  readonly settings: Settings;
  /** SHA-256 of what it depends on. */
  readonly hashes: SearchHashes;
  /** Name of the device that it was begun on. */
  readonly device: string;
  /** What a search over latency predicts latencies with: they were measured once, when it began. */
  readonly latencyModel?: LatencyModel;
}

/**
 * Refuses to go on with another teacher or another text.
 *
 * @param path Of the search directory.
 * @throws {UsageError} If one differs.
 */
export function checkSameHashes(path: string, before: SearchHashes, now: SearchHashes): void {
  for (const name of ["teacher", "corpus", "tokenizer"] as const) {
    const [was, is] = [before[name], now[name]].map((hash) => `SHA-256 ${hash.slice(0, 12)}`);
    if (was !== is) refuseOther(path, name, was, is, "restore it");
  }
}

/**
 * Refuses to go on with a search as another one.
 *
 * @param what Differs.
 * @throws {UsageError} Always.
 */
export function refuseOther(path: string, what: string, before: unknown, found: unknown, wayOut: string): never {
  throw new UsageError(
    `Cannot resume '${path}' with another ${what}: it must stay ${show(before)}, found ${show(found)}; ` +
      `${wayOut}, or begin a new search`,
  );
}

/** Computes the SHA-256 of a folder's weights: of `model.safetensors`, or of the hashes of its shards. */
export async function hashWeights(folder: string): Promise<string> {
  const whole = "model.safetensors";
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  if (names.includes(whole)) return await hashFile(`${folder}/${whole}`);
  return (await Promise.all(names.map((name) => hashFile(`${folder}/${name}`)))).join("-");
}
