/**
 * Timing of a run.
 *
 * @module
 */

import type { TrainRow } from "./records.ts";

/** Steps whose results may wait on the device at a time. */
export const MOST_PENDING = 64;

/** Measures steps between rows; validations and checkpoints in between do not count as training time. */
export class Clock {
  readonly #begin: number;
  #mark: number;
  #training = 0;
  #from = -1;
  #done = 0;
  #pace = 0;

  /**
   * Starts the clock.
   *
   * @param elapsed Seconds that the run took before it was resumed.
   */
  constructor(elapsed: number) {
    this.#mark = performance.now();
    this.#begin = this.#mark - elapsed * 1000;
  }

  /** Notes that steps up to `done` have run. */
  steps(done: number): void {
    const now = performance.now();
    this.#training += now - this.#mark;
    this.#mark = now;
    if (this.#from < 0) this.#from = Math.max(0, done - 1);
    this.#done = done;
  }

  /** Begins to count again after work that was no training. */
  resume(): void {
    this.#mark = performance.now();
  }

  /** Counts the steps that may wait for results, so that about `seconds` of work are under way. */
  lead(seconds: number): number {
    return this.#pace > 0 ? Math.max(1, Math.min(MOST_PENDING, Math.floor(seconds * 1000 / this.#pace))) : 1;
  }

  /** Returns the time fields of a row. */
  row(tokensPerStep: number): Pick<TrainRow, "tokens_per_s" | "step_ms" | "elapsed_s"> {
    const ms = this.#training / Math.max(1, this.#done - this.#from);
    this.#pace = ms;
    this.#from = this.#done;
    this.#training = 0;
    return {
      tokens_per_s: Math.round(tokensPerStep / ms * 1000),
      step_ms: Number(ms.toFixed(2)),
      elapsed_s: Number(((performance.now() - this.#begin) / 1000).toFixed(2)),
    };
  }
}
