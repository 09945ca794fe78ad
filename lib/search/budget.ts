/**
 * What a search may spend, and what it has spent.
 *
 * @module
 */

import type { ResolvedOptions } from "./options.ts";
import type { SearchEnd } from "./records.ts";

/** Limits of a search. */
export type Limits = Pick<ResolvedOptions<unknown>, "generations" | "evaluations" | "flops">;

/** Counts what a search spends; no limit is ever passed. */
export class Budget {
  readonly #limits: Limits;
  #evaluations = 0;
  #flops = 0;

  /** Begins with nothing spent. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Evaluations made. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /** FLOPs spent. */
  get flops(): number {
    return this.#flops;
  }

  /** Counts one evaluation. */
  spend(price: number): void {
    this.#evaluations++;
    this.#flops += price;
  }

  /** Counts how many of these evaluations, in their order, can still be paid. */
  affordable(prices: readonly number[]): number {
    let count = 0, flops = this.#flops;
    for (const price of prices) {
      flops += price;
      if (this.#evaluations + count === this.#limits.evaluations || flops > this.#limits.flops) break;
      count++;
    }
    return count;
  }

  /** Returns the limit that keeps a generation from being evaluated, or its next evaluation of that price. */
  reached(generation: number, price: number): SearchEnd | undefined {
    if (generation >= this.#limits.generations) return "generations";
    if (this.#evaluations >= this.#limits.evaluations) return "evaluations";
    return this.#flops + price > this.#limits.flops ? "flops" : undefined;
  }

  /** Returns the share of the budget that is spent after a generation, by the limit that is nearest. */
  progress(generation: number): number {
    const { generations, evaluations, flops } = this.#limits;
    return Math.max((generation + 1) / generations, this.#evaluations / evaluations, this.#flops / flops);
  }
}
