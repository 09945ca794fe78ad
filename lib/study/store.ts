/**
 * The logit store of a study: written once, for all students that learn from it.
 *
 * @module
 */

import { readStoreManifest, windowsOf } from "../distill/store/manifest.ts";
import { teach, type TeachRow } from "../distill/teach.ts";
import { tokenizerOf } from "../io/model_folder.ts";
import type { StudentOptions } from "./student.ts";

/** Tells whether a store has all its windows. */
export async function isWhole(folder: string): Promise<boolean> {
  const manifest = await readStoreManifest(folder);
  return manifest !== undefined && windowsOf(manifest) === manifest.windows;
}

/**
 * Writes what the store lacks, and yields a row after each of its files.
 *
 * @param signal Ends after the file under way.
 */
export async function* fillStore(
  folder: string,
  { teacher, data, config }: StudentOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<TeachRow> {
  const { storeKind: kind, storeEntries: k, storeWindows: windows, temperature, batch } = config;
  const tokenizer = (await tokenizerOf(teacher))!;
  yield* teach(
    teacher,
    { tokens: data.train, tokenizer, kind, k, temperature, ...(windows > 0 && { windows }) },
    { folder, resume: true, batch, signal },
  );
}
