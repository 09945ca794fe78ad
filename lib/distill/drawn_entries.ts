/**
 * What of teachers' distributions is drawn.
 *
 * @module
 */

import { Random } from "../random.ts";
import type { WindowEntries, Windows } from "./entries_pass.ts";
import type { EnsemblePass } from "./ensemble_pass.ts";
import { drawTokens } from "./draw_tokens.ts";
import type { StorePlan } from "./store/manifest.ts";
import { entriesFor, rowsOfEntries } from "./store/records.ts";
import { windowKey } from "./store/shards.ts";

/**
 * Draws tokens of every position of windows, pass by pass. The draws of a window follow from the seed and its key, so
 * that they are the same in whatever pass it is.
 *
 * @param passes Of at most a batch of windows each.
 */
export async function* drawnEntries(
  pass: EnsemblePass,
  passes: Iterable<Windows>,
  { sequence, k, seed, vocabularySize: vocabulary, teacher }: StorePlan,
): AsyncGenerator<WindowEntries> {
  for (const windows of passes) {
    const streams = windows.map((tokens) => new Random(seed, `draws of window ${windowKey(teacher.hash, tokens)}`));
    const entries = entriesFor(windows.length * sequence, k);
    for await (const { first, probabilities } of pass.run(windows)) {
      for (let at = first; (at - first) * vocabulary < probabilities.length; at++) {
        const row = probabilities.subarray((at - first) * vocabulary, (at - first + 1) * vocabulary);
        const own = rowsOfEntries(entries, k, at, 1);
        drawTokens(row, k, own, streams[Math.floor(at / sequence)]!, (at % sequence) * k);
      }
    }
    yield { windows, entries };
  }
}
