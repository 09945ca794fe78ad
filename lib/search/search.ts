/**
 * Searches: an async iterator of plain records.
 *
 * @module
 */

import { sha256 } from "../data/hash.ts";
import { Archive } from "./archive.ts";
import { type Bin, checkBin, sideOf } from "./bin.ts";
import { Breeder } from "./breeder.ts";
import { Budget } from "./budget.ts";
import { Fitter } from "./fit.ts";
import type { Question } from "./method.ts";
import { methods } from "./methods.ts";
import { type ResolvedOptions, resolveOptions, type SearchOptions } from "./options.ts";
import type { SearchProblem } from "./problem.ts";
import { type SearchEnd, SearchError, type SearchResult, type SearchRow } from "./records.ts";
import { Replay } from "./replay.ts";
import { Standing } from "./standing.ts";

/**
 * Begins a search; it goes on as its rows are taken, one for each evaluation.
 *
 * The same problem, options and seed give the same rows. So a search that was interrupted goes on when it is begun
 * again with `records`, the rows that it reported: it reports them once more without asking the objective, compares
 * them as it does, and then reports what is missing. A budget may have grown since, unless `evolution` has several
 * levels, for these follow the budget.
 *
 * @throws {RangeError} If an option or the bin is out of its range, or the bin lies beyond the space's costs.
 */
export function search<G>(problem: SearchProblem<G>, options: SearchOptions<G>): Search<G> {
  return new Search(problem, resolveOptions(options));
}

/**
 * A search under way: iterate over it once for its rows.
 *
 * Taking a row throws a RangeError if no member of the bin is found, and a {@linkcode SearchError} if the objective's
 * answer is unusable or a known row does not fit.
 *
 * @typeParam G A genotype.
 */
export class Search<G> implements AsyncIterable<SearchRow<G>> {
  readonly #problem: SearchProblem<G>;
  readonly #options: ResolvedOptions<G>;
  readonly #fitter: Fitter<G>;
  readonly #archive: Archive<G>;
  readonly #breeder: Breeder<G>;
  readonly #budget: Budget;
  readonly #replay: Replay<G>;
  readonly #standing = new Standing<G>();
  readonly #rows: AsyncGenerator<SearchRow<G>, void>;
  #cached = 0;
  #ended: SearchEnd | undefined;

  /** Prepares a search; {@linkcode search} also fills in the options' defaults. */
  constructor(problem: SearchProblem<G>, options: ResolvedOptions<G>) {
    const { space, bin = { least: -Infinity, most: Infinity } } = problem;
    this.#problem = problem;
    this.#options = options;
    this.#fitter = new Fitter(problem, checkBin(bin));
    this.#archive = new Archive(space);
    this.#breeder = new Breeder(space, this.#fitter, this.#archive, options);
    this.#budget = new Budget(options);
    this.#replay = new Replay(options.records);
    this.#rows = this.#run();
    this.#check(bin, problem.objective.batch);
  }

  /** What was found so far. */
  get result(): SearchResult<G> {
    const { best, front } = this.#standing;
    return {
      ...(best && { best }),
      front,
      evaluated: this.#budget.evaluations,
      cached: this.#cached,
      duplicates: this.#breeder.duplicates,
      rejected: this.#fitter.rejected,
      flops: this.#budget.flops,
      ...(this.#ended && { ended: this.#ended }),
    };
  }

  /** Returns the rows that were not taken yet. */
  [Symbol.asyncIterator](): AsyncGenerator<SearchRow<G>, void> {
    return this.#rows;
  }

  async *#run(): AsyncGenerator<SearchRow<G>, void> {
    const asking = methods[this.#options.method](this.#breeder, this.#options);
    let asked = asking.next();
    while (!asked.done) {
      const { generation, level, candidates } = asked.value;
      yield* this.#answer(asked.value);
      if (this.#ended) break;
      const fitnesses = candidates.map((genotype) => this.#archive.get(genotype, level)!);
      asked = asking.next({ fitnesses, progress: this.#budget.progress(generation) });
    }
    if (asked.done) {
      if (this.#budget.evaluations === 0) throw this.#fitter.unreachable();
      this.#ended = "exhausted";
    }
    this.#replay.end(this.#budget.evaluations);
  }

  /** Evaluates what a question asks for beyond the archive, until that or the budget is at its end. */
  async *#answer({ generation, level, candidates }: Question<G>): AsyncGenerator<SearchRow<G>, void> {
    const open = candidates.filter((genotype) => this.#archive.get(genotype, level) === undefined);
    this.#cached += candidates.length - open.length;
    while (open.length > 0) {
      this.#ended = this.#budget.reached(generation, this.#priceOf(open[0]!, level));
      if (this.#ended === "flops" && this.#budget.evaluations === 0) throw this.#unpaid(open[0]!, level);
      if (this.#ended) return;
      const known = this.#replay.fitness(this.#budget.evaluations + 1);
      const next = open.slice(0, known === undefined ? this.#problem.objective.batch ?? 1 : 1);
      const paid = open.splice(0, this.#budget.affordable(next.map((genotype) => this.#priceOf(genotype, level))));
      const fitnesses = known === undefined ? await this.#evaluate(paid, level) : [known];
      for (const [i, genotype] of paid.entries()) {
        this.#archive.set(genotype, level, fitnesses[i]!);
        yield await this.#report(genotype, generation, level, fitnesses[i]!);
      }
    }
    this.#ended = this.#budget.reached(generation, 0);
  }

  async #evaluate(candidates: readonly G[], level: number): Promise<readonly number[]> {
    const fitnesses = await this.#problem.objective.evaluate(candidates, level);
    if (fitnesses.length === candidates.length && fitnesses.every(Number.isFinite)) return fitnesses;
    throw new SearchError(
      `Cannot go on after evaluation ${this.#budget.evaluations}: the objective must return a finite number for each ` +
        `of ${candidates.length} candidates, found [${fitnesses}]; let it return a large number for a bad one`,
    );
  }

  async #report(genotype: G, generation: number, level: number, fitness: number): Promise<SearchRow<G>> {
    const { space, costs = {} } = this.#problem;
    this.#budget.spend(this.#priceOf(genotype, level));
    const row = this.#standing.add({
      evaluation: this.#budget.evaluations,
      generation,
      genotype,
      hash: await (this.#problem.hashOf?.(genotype) ?? sha256(new TextEncoder().encode(space.textOf(genotype)))),
      cost: this.#fitter.costOf(genotype),
      costs: Object.fromEntries(Object.entries(costs).map(([name, costOf]) => [name, costOf(genotype)])),
      level,
      fitness,
      flops: this.#budget.flops,
    });
    this.#replay.check(row);
    return row;
  }

  #check(bin: Bin, batch = 1): void {
    if (!Number.isSafeInteger(batch) || batch < 1) {
      throw new RangeError(`Cannot search: 'batch' of the objective must be a whole number above 0, found ${batch}`);
    }
    const { least, most } = this.#breeder.range;
    if (least > most) throw this.#fitter.unreachable();
    for (const [i, genotype] of this.#options.initial.entries()) {
      const cost = this.#fitter.costOf(genotype);
      if (sideOf(cost, bin) === 0) continue;
      throw new RangeError(
        `Cannot search: member ${i} of 'initial' must cost ${bin.least} to ${bin.most}, found ${cost}; fit it first`,
      );
    }
  }

  #priceOf(genotype: G, level: number): number {
    const price = this.#problem.objective.price(genotype, level);
    if (Number.isFinite(price) && price >= 0) return price;
    throw new RangeError(`Cannot search: 'price' must return a finite number of at least 0, found ${price}`);
  }

  #unpaid(genotype: G, level: number): RangeError {
    return new RangeError(
      `Cannot search: 'flops' must pay for the first evaluation of ${this.#priceOf(genotype, level)} FLOPs, found ` +
        `${this.#options.flops}; raise it`,
    );
  }
}
