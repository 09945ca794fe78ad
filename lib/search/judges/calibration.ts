/**
 * The text on which students are judged.
 *
 * @module
 */

import { type Batch, type TokenArray, validationBatches } from "../../data/batches.ts";

/** What students are judged on. */
export interface CalibrationOptions {
  /** Calibration text; not what models are compared on in the end. */
  readonly tokens: TokenArray;
  /** Tokens a window. */
  readonly sequence: number;
  /** Tokens of each level: at most so many are read, in whole windows that are spread evenly over the text. */
  readonly levels: readonly number[];
  /** Windows of one pass, at most. @default {16} */
  readonly batch?: number;
}

/** Calibration text as windows, more of them at each level. */
export class Calibration {
  /** The whole text. */
  readonly tokens: TokenArray;
  /** Tokens a window. */
  readonly sequence: number;
  readonly #levels: readonly number[];
  readonly #most: number;

  /**
   * Cuts a text into windows.
   *
   * @throws {RangeError} If a level has no whole window, levels do not grow, or the text has fewer tokens.
   */
  constructor({ tokens, sequence, levels, batch = 16 }: CalibrationOptions) {
    const refuse = (rule: string, found: unknown) => {
      throw new RangeError(`Cannot judge students: calibration tokens must be ${rule}, found ${found}`);
    };
    if (levels.length === 0) refuse("given", "none");
    levels.forEach((level, i) => {
      if (!(level >= sequence)) refuse(`at least one window of ${sequence}`, level);
      if (i > 0 && level <= levels[i - 1]!) refuse("more at each level", levels.join(", "));
      if (level >= tokens.length) refuse(`fewer than the text's ${tokens.length}`, level);
    });
    this.tokens = tokens;
    this.sequence = sequence;
    this.#levels = levels;
    this.#most = batch;
  }

  /** Counts the levels. */
  get levels(): number {
    return this.#levels.length;
  }

  /** Counts the tokens that are predicted at a level. */
  size(level: number): number {
    return Math.floor(this.#levels[level]! / this.sequence) * this.sequence;
  }

  /** Windows of one pass: the largest divisor of their number up to the limit, so that passes hold all windows. */
  batch(level: number): number {
    const windows = this.size(level) / this.sequence;
    let divisor = Math.min(windows, this.#most);
    while (windows % divisor !== 0) divisor--;
    return divisor;
  }

  /** Returns the windows of a level, the same that its passes hold. */
  windows(level: number): number[][] {
    const { tokens, sequence } = this;
    const batches = validationBatches(tokens, { batch: 1, sequence }, this.size(level) / sequence);
    return batches.map(({ tokens }) => [...tokens]);
  }

  /** Returns the passes of a level. */
  batches(level: number): Batch[] {
    const { tokens, sequence } = this;
    const batch = this.batch(level);
    return validationBatches(tokens, { batch, sequence }, this.size(level) / (batch * sequence));
  }
}
