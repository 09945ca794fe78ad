/**
 * What is known of candidates.
 *
 * @module
 */

import type { SearchSpace } from "./space.ts";

/**
 * The fitnesses of a search by genotype and level.
 *
 * @typeParam G A genotype.
 */
export class Archive<G> {
  readonly #space: Pick<SearchSpace<G>, "textOf">;
  readonly #fitnesses = new Map<string, number>();

  /** Opens an empty archive for genotypes of that space. */
  constructor(space: Pick<SearchSpace<G>, "textOf">) {
    this.#space = space;
  }

  /** Returns the fitness of a genotype at a level, if it was evaluated there. */
  get(genotype: G, level: number): number | undefined {
    return this.#fitnesses.get(this.#key(genotype, level));
  }

  /** Keeps the fitness of a genotype at a level. */
  set(genotype: G, level: number, fitness: number): void {
    this.#fitnesses.set(this.#key(genotype, level), fitness);
  }

  #key(genotype: G, level: number): string {
    return `${level} ${this.#space.textOf(genotype)}`;
  }
}
