/**
 * The logit store of a study: written once, for all students that learn from it.
 *
 * @module
 */

import { tokenizerOf } from "../io/model_folder.ts";
import { planStore } from "../distill/plan.ts";
import { windowsOf } from "../distill/store/manifest.ts";
import { StoreWriter } from "../distill/store/writer.ts";
import { teach } from "../distill/teach.ts";
import type { StudentOptions } from "./student.ts";

/**
 * Writes what the store lacks.
 *
 * @param notice Told how far it is, a line at a time.
 * @param signal Ends after the shard under way.
 * @returns Whether the store is whole.
 */
export async function fillStore(
  folder: string,
  { teacher, data, config }: StudentOptions,
  { notice, signal }: { readonly notice: (line: string) => void; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const { storeKind: kind, storeEntries: k, temperature, batch } = config;
  const tokenizer = (await tokenizerOf(teacher))!;
  const plan = await planStore(teacher, { tokens: data.train, tokenizer, kind, k, temperature });
  using writer = await StoreWriter.open(folder, plan, teacher.tokenizerJson, true);
  const whole = () => windowsOf(writer.manifest) === plan.windows;
  if (!whole()) notice(`store: the teacher reads ${plan.windows} windows`);
  for await (const _ of teach(teacher, data.train, writer, batch, signal));
  return whole();
}
