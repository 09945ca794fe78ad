/**
 * How the windows of a store are divided into passes.
 *
 * @module
 */

import type { Model } from "../model/model.ts";
import type { StorePlan } from "./store/manifest.ts";

/** Tokens of a pass; of one on hardware at most, and the probabilities that it then computes. */
const PASS_TOKENS = 2 ** 11, MOST_PASS_TOKENS = 2 ** 14, PASS_VALUES = 2 ** 25;

/** Some windows of a store: the first of them, and how many. */
export interface WindowRange {
  readonly first: number;
  readonly count: number;
}

/** What decides how many windows a pass has. */
export interface PassTeacher {
  readonly device: Pick<Model["device"], "kind" | "software">;
  readonly config: Pick<Model["config"], "vocabularySize">;
}

/**
 * Counts the windows of a pass: as many as 2,048 tokens, which fill any device. On hardware a read costs more than ten
 * milliseconds, in which the next pass must not end: as many as 16,384 tokens, of large vocabularies fewer.
 */
export function windowsOfPass({ device, config }: PassTeacher, sequence: number): number {
  const hardware = device.kind === "webgpu" && !device.software;
  const most = hardware ? Math.min(MOST_PASS_TOKENS, PASS_VALUES / config.vocabularySize) : PASS_TOKENS;
  return Math.max(1, Math.floor(Math.max(PASS_TOKENS, most) / sequence));
}

/**
 * Divides the windows of a store from `done` on into passes. None has windows of two shards, so that a store that is
 * resumed has the passes of one that was written at once.
 */
export function* passesFrom(
  done: number,
  { windows, shardWindows }: Pick<StorePlan, "windows" | "shardWindows">,
  batch: number,
): Generator<WindowRange> {
  for (let first = done, count: number; first < windows; first += count) {
    const end = Math.min(windows, (Math.floor(first / shardWindows) + 1) * shardWindows);
    count = Math.min(batch, end - first);
    yield { first, count };
  }
}
