/**
 * What the settings of a study must be besides what each alone must be.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { StudyConfig, StudyGrid } from "./config.ts";
import { TUNING_SEED } from "./rates.ts";
import { plainSizes } from "./start.ts";
import type { StudentOptions } from "./student.ts";

/**
 * Refuses a call that would come to windows which its store is not to have: it holds those that seed 1 draws first.
 *
 * @throws {UsageError} If there is such a run.
 */
export function checkStoreWindows(
  { storeWindows, batch, tuningSteps }: Pick<StudyConfig, "storeWindows" | "batch" | "tuningSteps">,
  { lessons, seeds, steps, rates }: StudyGrid,
): void {
  if (storeWindows === 0 || !lessons.includes("store")) return;
  const longest = batch * Math.max(...steps, rates.length > 1 ? tuningSteps : 0);
  const rule = (must: string, found: unknown) =>
    new UsageError(
      `Cannot use --store-windows: it must be ${must}, found ${found}; 0 keeps all, and --lessons plain,online needs none`,
    );
  if (longest > storeWindows) throw rule(`at least the longest run's ${longest}`, storeWindows);
  const other = seeds.find((seed) => seed !== TUNING_SEED);
  if (other !== undefined) throw rule(`0 for seeds besides ${TUNING_SEED}`, `${storeWindows} and seed ${other}`);
}

/**
 * Refuses settings with which no student can be made of a teacher, before anything is kept of them.
 *
 * @throws {UsageError} If one does not fit the teacher.
 * @throws {RangeError} If the bin holds no student of the plain shape.
 */
export async function checkStudents({ teacher, config }: StudentOptions): Promise<void> {
  const { sequence, vocabularySize } = teacher.config;
  const { calibrationTokens, storeKind, storeEntries } = config;
  if (calibrationTokens < sequence) {
    throw new UsageError(
      `Cannot use --calibration-tokens: it must be at least a window of the teacher, ${sequence}, found ${calibrationTokens}`,
    );
  }
  if (storeKind === "top-k" && storeEntries > vocabularySize) {
    throw new UsageError(
      `Cannot use --store-entries: it must be at most the vocabulary's ${vocabularySize}, found ${storeEntries}; lower it`,
    );
  }
  await plainSizes(teacher, config);
}
