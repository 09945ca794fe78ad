import { Draws } from "../../lib/draws.ts";
import type { Bin } from "../../lib/search/bin.ts";
import type { Objective, SearchProblem } from "../../lib/search/problem.ts";
import { Random } from "../../lib/random.ts";
import type { SearchSpace } from "../../lib/search/space.ts";
import { type Sizes, sizesSpace, type Subsets, subsetsSpace } from "./synthetic_spaces.ts";

const worth = new Random(3, "worth of indices");

/** An objective that lists what it was asked, `"level text"` for each candidate; level `l` costs `10 ** l` FLOPs. */
export class Judge<G> implements Objective<G> {
  readonly asked: string[] = [];
  readonly batch: number;
  readonly #textOf: (genotype: G) => string;
  readonly #fitness: (genotype: G, level: number) => number;

  constructor(space: SearchSpace<G>, fitness: (genotype: G, level: number) => number, batch = 1) {
    this.batch = batch;
    this.#textOf = space.textOf;
    this.#fitness = fitness;
  }

  evaluate(candidates: readonly G[], level: number): Promise<number[]> {
    this.asked.push(...candidates.map((genotype) => `${level} ${this.#textOf(genotype)}`));
    return Promise.resolve(candidates.map((genotype) => this.#fitness(genotype, level)));
  }

  price(_: G, level: number): number {
    return 10 ** level;
  }
}

/** A problem whose objective can be asked what it was asked. */
export interface JudgedProblem<G> extends SearchProblem<G> {
  readonly objective: Judge<G>;
}

/** What makes a small problem unlike another one. */
export interface Variation {
  /** Leaves the bin out when false. @default {true} */
  readonly binned?: boolean;
  /** Candidates that the objective takes at a time. @default {1} */
  readonly batch?: number;
  /** Added to all fitnesses of a level. @default {0} */
  readonly offset?: (level: number) => number;
}

/**
 * Sizes of depth, width and three layers that trade off like a model's: 24,576 members, 2,378 in the bin. Fitnesses are
 * whole numbers; noise shrinks with the level.
 */
export function coarseProblem(variation: Variation = {}): JudgedProblem<Sizes> {
  const space = sizesSpace([6, 8, 8, 8, 8]);
  const cost = ([depth, width, a, b, c]: Sizes) => depth! * width! * (a! + b! + c!);
  return problem(space, cost, { least: 230, most: 288 }, coarseLoss, variation);
}

/** Free subsets of three parts whose indices differ in worth: 6,975 members, 1,150 in the bin. */
export function fineProblem(variation: Variation = {}): JudgedProblem<Subsets> {
  const space = subsetsSpace([6, 5, 5]);
  const cost = ([a, b, c]: Subsets) => a!.length * (b!.length + c!.length);
  return problem(space, cost, { least: 15, most: 16 }, fineLoss, variation);
}

/** Three sizes: 60 members, 8 in the bin. */
export function tinyProblem(variation: Variation = {}): JudgedProblem<Sizes> {
  const space = sizesSpace([3, 4, 5]);
  return problem(space, ([a, b, c]) => a! * (b! + c!), { least: 9, most: 10 }, ([a, b, c]) => a! - b! * c!, variation);
}

/** Lists the members that cost what the bin allows, by looking at all. */
export function membersInBin<G>({ space, cost, bin }: SearchProblem<G>): G[] {
  return [...space.enumerate()].filter((member) => {
    const found = cost(member);
    return bin === undefined || (found >= bin.least && found <= bin.most);
  });
}

/** Counts the dimensions in which two genotypes differ. */
export function distance(a: Sizes, b: Sizes): number {
  return a.filter((size, i) => size !== b[i]).length;
}

function problem<G>(
  space: SearchSpace<G>,
  cost: (genotype: G) => number,
  bin: Bin,
  loss: (genotype: G) => number,
  { binned = true, batch = 1, offset = () => 0 }: Variation,
): JudgedProblem<G> {
  const noise = (genotype: G, level: number) => new Draws(level, space.textOf(genotype)).below(400 / 4 ** level);
  const fitness = (genotype: G, level: number) => loss(genotype) + noise(genotype, level) + offset(level);
  return { space, cost, ...(binned && { bin }), objective: new Judge(space, fitness, batch), hashOf: space.textOf };
}

/** Returns of every size diminish, and neighbours should be alike. */
function coarseLoss([depth, width, a, b, c]: Sizes): number {
  const alone = 3 / depth! + 2 / width! + 1 / a! + 2 / b! + 1.5 / c!;
  const together = 0.3 * Math.abs(Math.log(width! / b!)) + 0.2 * Math.abs(Math.log(a! / c!));
  return Math.round(10_000 * (alone + together));
}

/** Every index has its worth, and pairs of indices within and across parts help or disturb each other. */
function fineLoss(genotype: Subsets): number {
  const kept = genotype.flatMap((indices, part) => indices.map((i) => 6 * part + i));
  const alone = kept.reduce((sum, i) => sum + worth.uniform(i), 0);
  const together = kept.flatMap((i) => kept.map((j) => i < j ? worth.uniform(100 * i + j) - 0.5 : 0));
  return Math.round(-10_000 * (alone + 0.4 * together.reduce((sum, value) => sum + value, 0)));
}
