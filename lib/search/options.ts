/**
 * The options of a search.
 *
 * @module
 */

import { show } from "../unknown.ts";
import { type MethodName, methodNames } from "./methods.ts";
import type { SearchRow } from "./records.ts";

/**
 * How to search. At least one of `generations`, `evaluations` and `flops` must be given; the search ends at the first
 * that is reached.
 *
 * @typeParam G A genotype.
 */
export interface SearchOptions<G> {
  /** The search method. @default {"evolution"} */
  readonly method?: MethodName;
  /** Members of a generation, at least 2. @default {16} */
  readonly population?: number;
  /** Members that survive a generation of `evolution` and are its parents. @default {a quarter of the population} */
  readonly elites?: number;
  /** Rate at which a child of two parents is mutated; one of a single parent always is. @default {0.5} */
  readonly mutation?: number;
  /** Rate at which a child of `evolution` or `nsga2` has two parents. @default {0.5} */
  readonly crossover?: number;
  /** Members that are drawn to find a parent for `regularised`. @default {a quarter of the population} */
  readonly tournament?: number;
  /** Intervals of cost for `stratified`. @default {8} */
  readonly strata?: number;
  /** What `local` mutates: the best member, or one of the front over fitness and cost. @default {"best"} */
  readonly parents?: "best" | "front";
  /** Share of the candidates that `halving` promotes from level to level. @default {0.5} */
  readonly keep?: number;
  /** Generations at most. @default {Infinity} */
  readonly generations?: number;
  /** Evaluations at most. @default {Infinity} */
  readonly evaluations?: number;
  /** FLOPs to spend at most. @default {Infinity} */
  readonly flops?: number;
  /** A whole number from 0 to 2^53 - 1. @default {0} */
  readonly seed?: number;
  /** Levels of the objective; `evolution` and `halving` climb them, other methods use the highest. @default {1} */
  readonly levels?: number;
  /** Members of the bin to begin with; `random` and `stratified` draw all of theirs. @default {[]} */
  readonly initial?: readonly G[];
  /** First rows of the same search, which are not evaluated again. @default {[]} */
  readonly records?: Iterable<SearchRow<G>>;
}

/** Options with all defaults filled in. */
export type ResolvedOptions<G> = Required<SearchOptions<G>>;

/** What a number must be, and whether it is. */
type Rule = readonly [text: string, holds: (value: number) => boolean];

const isCount = (value: number) => Number.isSafeInteger(value) && value > 0;
const count: Rule = ["a whole number above 0", isCount];
const limit: Rule = ["a whole number above 0, or Infinity", (value) => isCount(value) || value === Infinity];
const rate: Rule = ["a rate from 0 to 1", (value) => value >= 0 && value <= 1];

const rules = {
  population: ["a whole number of at least 2", (value) => isCount(value) && value >= 2],
  elites: count,
  mutation: rate,
  crossover: rate,
  tournament: count,
  strata: count,
  keep: ["a share above 0 and below 1", (value) => value > 0 && value < 1],
  generations: limit,
  evaluations: limit,
  flops: ["a number above 0", (value) => value > 0],
  seed: ["a whole number from 0 to 2^53 - 1", (value) => value === 0 || isCount(value)],
  levels: count,
} as const satisfies Partial<Record<keyof SearchOptions<unknown>, Rule>>;

/**
 * Fills in the defaults and checks that the options make sense together.
 *
 * @throws {RangeError} If an option is out of its range, or no budget is given.
 */
export function resolveOptions<G>(given: SearchOptions<G>): ResolvedOptions<G> {
  const { population = 16 } = given;
  const quarter = Math.max(1, Math.round(population / 4));
  const options: ResolvedOptions<G> = {
    ...{ method: "evolution", population, elites: quarter, mutation: 0.5, crossover: 0.5 },
    ...{ tournament: quarter, strata: 8, parents: "best", keep: 0.5 },
    ...{ generations: Infinity, evaluations: Infinity, flops: Infinity },
    ...{ seed: 0, levels: 1, initial: [], records: [] },
    ...given,
  };
  for (const [name, [rule, holds]] of Object.entries(rules)) {
    const value = options[name as keyof typeof rules];
    refuseUnless(holds(value), name, rule, value);
  }
  const { method, parents, elites, tournament, initial } = options;
  refuseUnless(methodNames.includes(method), "method", `one of ${methodNames.join(", ")}`, method);
  refuseUnless(["best", "front"].includes(parents), "parents", "best or front", parents);
  refuseUnless(elites < population, "elites", `below 'population' = ${population}`, elites);
  refuseUnless(tournament <= population, "tournament", `at most 'population' = ${population}`, tournament);
  refuseUnless(initial.length <= population, "initial", `at most 'population' = ${population} members`, initial.length);
  if (Math.min(options.generations, options.evaluations, options.flops) === Infinity) {
    throw new RangeError(
      "Cannot search: one of 'generations', 'evaluations' and 'flops' must be finite, found none; give a budget",
    );
  }
  return options;
}

function refuseUnless(holds: boolean, name: string, rule: string, found: unknown): void {
  if (!holds) throw new RangeError(`Cannot search: '${name}' must be ${rule}, found ${show(found)}`);
}
