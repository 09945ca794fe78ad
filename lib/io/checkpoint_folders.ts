/**
 * The names of a run's checkpoints on disk.
 *
 * @module
 */

import { PARTIAL, REPLACED, restoreReplaced } from "./atomic.ts";
import { exists, namesIn, remove } from "./files.ts";

const DIGITS = 6;

/** Names the folder of the checkpoint after `step`, so that names sort as steps do up to a million. */
export function stepFolder(step: number): string {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(`Cannot name a checkpoint: 'step' must be a whole number, found ${step}`);
  }
  return `step-${String(step).padStart(DIGITS, "0")}`;
}

/**
 * Lists the folders of the checkpoints in `folder`, the oldest first, intact or not. It only looks, as the run may
 * still be writing; where a replacement was interrupted half-way it lists the folder that was to be replaced.
 */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const found = new Map<number, string>();
  for (const name of (await namesIfThere(folder)).sort().reverse()) {
    const [, step, ending] = /^step-(\d+)(\.\w+)?$/.exec(name) ?? [];
    if (step !== undefined && (ending ?? REPLACED) === REPLACED) found.set(Number(step), `${folder}/${name}`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, path]) => path);
}

/** Clears what killed writes left in `folder`: unfinished checkpoints go, half-replaced ones come back. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await namesIfThere(folder)) {
    const path = `${folder}/${name}`;
    if (!/^step-\d+\./.test(name)) continue;
    if (name.endsWith(PARTIAL)) await remove(path);
    if (name.endsWith(REPLACED)) await restoreReplaced(path.slice(0, -REPLACED.length));
  }
}

async function namesIfThere(folder: string): Promise<string[]> {
  return await exists(folder) ? await namesIn(folder) : [];
}
