/**
 * Random choices one after the other, for procedures whose number of draws is not known beforehand.
 *
 * @module
 */

import { Random } from "./random.ts";

/** A sequence of draws from one named stream of a seed: the same choices whenever seed and name are the same. */
export class Draws {
  readonly #random: Random;
  #count = 0;

  /**
   * Opens a sequence.
   *
   * @param seed A whole number from 0 to 2^53 - 1.
   * @param stream What is drawn, for example `"search/generation 3/child 5"`.
   * @throws {RangeError} If the seed is no such number.
   */
  constructor(seed: number, stream: string) {
    this.#random = new Random(seed, stream);
  }

  /** Draws a real number, uniform in [0, 1). */
  uniform(): number {
    return this.#random.uniform(this.#count++);
  }

  /** Draws a whole number, uniform in [0, bound). */
  below(bound: number): number {
    return this.#random.below(bound, this.#count++);
  }

  /** Draws true with that probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /**
   * Draws one of several values.
   *
   * @throws {RangeError} If there is none.
   */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError("Cannot pick a value: there must be at least one, found none");
    return values[this.below(values.length)]!;
  }

  /**
   * Draws `count` different values, in the order in which they stand in `values`.
   *
   * @throws {RangeError} If there are fewer.
   */
  subset<T>(values: readonly T[], count: number): T[] {
    if (count > values.length) {
      throw new RangeError(`Cannot pick ${count} values: there must be as many, found ${values.length}`);
    }
    let left = count;
    return values.filter((_, i) => {
      const taken = this.below(values.length - i) < left;
      if (taken) left--;
      return taken;
    });
  }
}
