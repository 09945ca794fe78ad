/**
 * From tokens to batches.
 *
 * @module
 */

import { Random } from "../random.ts";

/** Tokens of one split, end-of-text tokens included. */
export type TokenArray = Uint16Array | Uint32Array;

/** What one pass over a model reads. */
export interface Batch {
  /** Shape [batch, sequence]. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** Shape [batch, sequence]: the token that follows each of `tokens`. */
  readonly targets: Uint32Array<ArrayBuffer>;
}

/** How many tokens a batch has. */
export interface BatchShape {
  /** Sequences a batch. */
  readonly batch: number;
  /** Predicted tokens a sequence. */
  readonly sequence: number;
}

/**
 * Draws training batches: windows of `sequence + 1` tokens, each starting where the one before ends its inputs, in an
 * order that is shuffled anew in each epoch.
 *
 * Every batch is a function of the seed and its number alone, so that a resumed run goes on as if it had never stopped.
 * Each window is drawn once an epoch; the last batch of an epoch is filled up with the first windows of the next one.
 * The up to `sequence` tokens behind the last whole window are not used.
 */
export class Batches {
  /** Windows an epoch. */
  readonly windows: number;
  readonly #tokens: TokenArray;
  readonly #shape: BatchShape;
  readonly #random: Random;

  /**
   * Cuts a split into windows.
   *
   * @throws {RangeError} If the split is shorter than one window, or a size is no positive whole number.
   */
  constructor(tokens: TokenArray, options: BatchShape & { readonly seed: number }) {
    this.#shape = checkShape(options);
    this.windows = countWindows("train", tokens, options.sequence);
    this.#tokens = tokens;
    this.#random = new Random(options.seed, "training batches");
  }

  /** Returns batch number `step`, counted from 0; with gradient accumulation that is the number of the micro-step. */
  batch(step: number): Batch {
    const first = step * this.#shape.batch;
    return gather(this.#tokens, this.#shape, (row) => {
      const epoch = Math.floor((first + row) / this.windows);
      return this.#random.permutation(this.windows, epoch)((first + row) % this.windows);
    });
  }
}

/**
 * Cuts a validation split into batches in a fixed order, each window at most once.
 *
 * Programs have static shapes, so there are whole batches only: up to `batch - 1` windows are left out. The windows
 * used are spread evenly over the split, so that a low limit does not judge by the first documents alone.
 *
 * @param limit The largest number of batches. @default {Infinity}
 * @throws {RangeError} If the split is shorter than one batch, or a size is no positive whole number.
 */
export function validationBatches(tokens: TokenArray, shape: BatchShape, limit = Infinity): Batch[] {
  const { batch, sequence } = checkShape(shape);
  const windows = countWindows("validation", tokens, sequence);
  if (windows < batch) {
    throw new RangeError(
      `Cannot validate: the validation split must hold one batch of ${batch} windows of ${sequence} tokens, found ` +
        `${windows} windows; lower 'batch' or 'sequence', or hold out a larger fraction`,
    );
  }
  if (!(limit >= 1)) throw new RangeError(`Cannot validate: 'limit' must be at least one batch, found ${limit}`);
  const count = Math.min(Math.floor(limit), Math.floor(windows / batch));
  const used = count * batch;
  return Array.from(
    { length: count },
    (_, step) => gather(tokens, shape, (row) => Math.floor(((step * batch + row) * windows) / used)),
  );
}

function checkShape({ batch, sequence }: BatchShape): BatchShape {
  for (const [name, value] of Object.entries({ batch, sequence })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot make batches: '${name}' must be a positive whole number, found ${value}`);
    }
  }
  return { batch, sequence };
}

function countWindows(split: string, tokens: TokenArray, sequence: number): number {
  const windows = Math.floor((tokens.length - 1) / sequence);
  if (windows < 1) {
    throw new RangeError(
      `Cannot make batches: the ${split} split must have at least ${sequence + 1} tokens for a sequence of ` +
        `${sequence}, found ${tokens.length}; lower 'sequence' or give more text`,
    );
  }
  return windows;
}

function gather(tokens: TokenArray, { batch, sequence }: BatchShape, windowOf: (row: number) => number): Batch {
  const inputs = new Uint32Array(batch * sequence), targets = new Uint32Array(batch * sequence);
  for (let row = 0; row < batch; row++) {
    const start = windowOf(row) * sequence;
    inputs.set(tokens.subarray(start, start + sequence), row * sequence);
    targets.set(tokens.subarray(start + 1, start + sequence + 1), row * sequence);
  }
  return { tokens: inputs, targets };
}
