/**
 * A teacher in an order in which first indices are the best.
 *
 * @module
 */

import { UsageError } from "../../cli/usage_error.ts";
import type { Model } from "../../model/model.ts";
import type { Importance } from "../orders.ts";
import type { PrincipalAxes } from "./rotation.ts";
import { sortByImportance } from "./sort.ts";
import { principalAxesOf, turnFlops, turnTo } from "./turn.ts";

/** What a teacher is turned and sorted by. */
export interface TurnAndSortOptions {
  /** Calibration text of the axes: sequences of equal length; more tokens than the teacher's width. */
  readonly windows: readonly (readonly number[])[];
  /**
   * Scores what matters in the turned teacher, and counts the FLOPs that this takes.
   *
   * @default {heads and neurons stay as they stood}
   */
  readonly score?: ((turned: Model) => Promise<{ readonly scores: Importance; readonly flops: number }>) | undefined;
}

/** A teacher that was turned and sorted; dispose of it to free it. */
export interface TurnedTeacher extends Disposable {
  readonly model: Model;
  /** The axes that it was turned to. */
  readonly axes: PrincipalAxes;
  /** FLOPs of turning and scoring; to sort takes none. */
  readonly flops: number;
}

/**
 * Turns a teacher to the principal axes of its residual stream, and sorts its heads and neurons by what then matters.
 *
 * @param teacher Stays the caller's.
 * @throws {RangeError} If it cannot be turned or sorted, lengths differ or a token is not in the vocabulary.
 */
export async function turnAndSort(teacher: Model, { windows, score }: TurnAndSortOptions): Promise<TurnedTeacher> {
  const sequence = windows[0]?.length ?? 0;
  const turning = turnFlops(teacher.config, windows.length * sequence, sequence);
  const axes = await principalAxesOf(teacher, windows);
  const made = (model: Model, flops: number) => ({
    model,
    axes,
    flops,
    [Symbol.dispose]: () => model[Symbol.dispose](),
  });
  const turned = await turnTo(teacher, axes);
  if (!score) return made(turned, turning);
  using _ = turned;
  const { scores, flops } = await score(turned);
  return made(await sortByImportance(turned, scores), turning + flops);
}

/**
 * Names the folder of a teacher that cannot be turned.
 *
 * @param wayOut The flag that does without. @default {none}
 * @throws {UsageError} If `turn` refuses the teacher.
 */
export async function turnable<T>(folder: string, turn: () => Promise<T>, wayOut?: string): Promise<T> {
  try {
    return await turn();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message.replace("the teacher", `'${folder}'`);
    throw new UsageError(wayOut === undefined ? reason : `${reason}: ${wayOut}`, { cause: error });
  }
}
