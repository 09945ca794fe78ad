/**
 * Bringing members of a space into a bin.
 *
 * @module
 */

import type { Draws } from "../draws.ts";
import { type Bin, sideOf } from "./bin.ts";
import type { SearchProblem } from "./problem.ts";

/** Walks from the same member before it is given up. */
const RESTARTS = 4;
/** Steps of a walk that may lead over the bin. */
const OVERSHOOTS = 32;
/** Steps of a walk in all: costs that are measured may not lead anywhere. */
const STEPS = 10_000;

/**
 * Brings members into a bin by growing and shrinking dimensions that are drawn, one step at a time, instead of drawing
 * blindly until one lies inside: the level-switch mutation of EvoPress (Sieberling et al. 2024, arXiv 2410.14649) for
 * dimensions whose steps differ in cost.
 *
 * @typeParam G A genotype.
 */
export class Fitter<G> {
  readonly #problem: Pick<SearchProblem<G>, "space" | "cost">;
  /** Where costs must lie. */
  readonly bin: Bin;
  #rejected = 0;
  #below = -Infinity;
  #above = Infinity;

  /** Prepares to fit members of a space into a bin. */
  constructor(problem: Pick<SearchProblem<G>, "space" | "cost">, bin: Bin) {
    this.#problem = problem;
    this.bin = bin;
  }

  /** Members that could not be brought into a bin. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Returns what a member costs.
   *
   * @throws {RangeError} If that is no finite number.
   */
  costOf(genotype: G): number {
    const cost = this.#problem.cost(genotype);
    if (!Number.isFinite(cost)) {
      throw new RangeError(`Cannot search: 'cost' must return a finite number, found ${cost}`);
    }
    const side = sideOf(cost, this.bin);
    if (side < 0) this.#below = Math.max(this.#below, cost);
    if (side > 0) this.#above = Math.min(this.#above, cost);
    return cost;
  }

  /**
   * Returns the member itself if it lies in the bin, else one in the bin that is reached from it in drawn steps.
   *
   * @param bin Where to go, if not to {@linkcode Fitter.bin}.
   * @returns Nothing if several walks did not reach the bin; this is counted as a rejection.
   */
  fit(genotype: G, draws: Draws, bin: Bin = this.bin): G | undefined {
    for (let walk = 0; walk <= RESTARTS; walk++) {
      const reached = this.#walk(genotype, draws, bin);
      if (reached !== undefined) return reached;
    }
    this.#rejected++;
    return undefined;
  }

  /** Makes the error of a bin in which no member was found; it tells what can be reached. */
  unreachable(): RangeError {
    const { space } = this.#problem;
    const [lowest, highest] = [this.costOf(space.smallest()), this.costOf(space.largest())];
    const nearest = [
      ...Number.isFinite(this.#below) ? [`${this.#below} below`] : [],
      ...Number.isFinite(this.#above) ? [`${this.#above} above`] : [],
    ];
    return new RangeError(
      `Cannot search the bin: it must hold a member of the space, found none that costs ${this.bin.least} to ` +
        `${this.bin.most}; costs reach from ${lowest} to ${highest}, and the nearest found are ` +
        `${nearest.join(" and ")}; move or widen the bin`,
    );
  }

  #walk(start: G, draws: Draws, bin: Bin): G | undefined {
    const { space } = this.#problem;
    let current = start;
    let side = sideOf(this.costOf(start), bin);
    for (let step = 0, overshoots = 0; side !== 0; step++) {
      const next = side < 0 ? space.grow(current, draws) : space.shrink(current, draws);
      if (next === undefined || step === STEPS) return undefined;
      const reached = sideOf(this.costOf(next), bin);
      if (reached === -side) {
        if (++overshoots > OVERSHOOTS) return undefined;
        // Staying gives a dimension of smaller steps its chance, going over lets two dimensions change places.
        if (draws.chance(0.5)) continue;
      }
      current = next;
      side = reached;
    }
    return current;
  }
}
