/**
 * Candidates for a search: members of the bin that were not evaluated before.
 *
 * @module
 */

import { Draws } from "../draws.ts";
import type { Archive } from "./archive.ts";
import type { Bin } from "./bin.ts";
import type { Fitter } from "./fit.ts";
import type { ResolvedOptions } from "./options.ts";
import type { SearchSpace } from "./space.ts";

/** Draws in a row that may give what is known before a source counts as dry. */
const DUPLICATES = 400;
/** Draws in a row that may miss the bin, each after several walks, before a source counts as dry. */
const MISSES = 40;

/** Draws a candidate; nothing if what was drawn could not be brought into the bin. */
export type Source<G> = () => G | undefined;

/**
 * Draws the candidates of a search, all of them in its bin.
 *
 * @typeParam G A genotype.
 */
export class Breeder<G> {
  /** The draws of the whole search, in the order in which its method asks for them. */
  readonly draws: Draws;
  readonly #space: SearchSpace<G>;
  readonly #fitter: Fitter<G>;
  readonly #archive: Archive<G>;
  readonly #options: ResolvedOptions<G>;
  #duplicates = 0;

  /** Begins the draws of a search. */
  constructor(space: SearchSpace<G>, fitter: Fitter<G>, archive: Archive<G>, options: ResolvedOptions<G>) {
    this.draws = new Draws(options.seed, `search/${options.method}`);
    this.#space = space;
    this.#fitter = fitter;
    this.#archive = archive;
    this.#options = options;
  }

  /** Candidates that were drawn again at a level, and replaced. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** The costs that are searched: the bin, cut to what the space reaches. */
  get range(): Bin {
    const { least, most } = this.#fitter.bin;
    const [lowest, highest] = [this.costOf(this.#space.smallest()), this.costOf(this.#space.largest())];
    return { least: Math.max(least, lowest), most: Math.min(most, highest) };
  }

  /** Returns what a member costs. */
  costOf(genotype: G): number {
    return this.#fitter.costOf(genotype);
  }

  /** Draws a member at random and fits it into the bin, or into another one. */
  sample(bin: Bin = this.#fitter.bin): G | undefined {
    return this.#fitter.fit(this.#space.sample(this.draws), this.draws, bin);
  }

  /** Changes one dimension, and fits the result into the bin by changing others. */
  mutate(parent: G): G | undefined {
    return this.#fitter.fit(this.#space.mutate(parent, this.draws), this.draws);
  }

  /**
   * Makes a child: of one parent, mutated, or at the rate `crossover` of two, which is mutated at the rate `mutation`.
   *
   * @param pick Draws a parent.
   */
  child(pick: () => G): G | undefined {
    const { draws } = this;
    const parent = pick();
    if (!draws.chance(this.#options.crossover)) return this.mutate(parent);
    const crossed = this.#space.crossOver(parent, pick(), draws);
    return draws.chance(this.#options.mutation) ? this.mutate(crossed) : this.#fitter.fit(crossed, draws);
  }

  /**
   * Draws candidates that differ from each other and from all that were evaluated at the level.
   *
   * @param sources Where they come from: a source that gives nothing new is followed by the next one.
   * @param beside What else will be evaluated at the level, and must not be drawn again.
   * @returns As many as asked for, or fewer if the last source runs dry.
   */
  fresh(count: number, level: number, sources: readonly Source<G>[], beside: readonly G[] = []): G[] {
    const texts = new Set(beside.map((genotype) => this.#space.textOf(genotype)));
    const found: G[] = [];
    while (found.length < count) {
      const next = this.#next(level, sources, texts);
      if (next === undefined) break;
      found.push(next);
    }
    return found;
  }

  /** Returns a first population: of the members that the search was given to begin with, the rest drawn at random. */
  first(count: number, level: number): G[] {
    const texts = new Set<string>();
    const given = this.#options.initial.filter((genotype) => this.#isNew(genotype, level, texts)).slice(0, count);
    return [...given, ...this.fresh(count - given.length, level, [() => this.sample()], given)];
  }

  #next(level: number, sources: readonly Source<G>[], texts: Set<string>): G | undefined {
    for (const source of sources) {
      for (let duplicates = 0, misses = 0; duplicates < DUPLICATES && misses < MISSES;) {
        const drawn = source();
        if (drawn === undefined) {
          misses++;
        } else if (this.#isNew(drawn, level, texts)) {
          return drawn;
        } else {
          misses = 0;
          duplicates++;
        }
      }
    }
    return undefined;
  }

  #isNew(genotype: G, level: number, texts: Set<string>): boolean {
    const text = this.#space.textOf(genotype);
    if (texts.has(text) || this.#archive.get(genotype, level) !== undefined) {
      this.#duplicates++;
      return false;
    }
    texts.add(text);
    return true;
  }
}
