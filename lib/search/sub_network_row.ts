/**
 * The rows of a search for a sub-network.
 *
 * @module
 */

import type { SubNetwork } from "../subnet/sub_network.ts";
import { paretoFront } from "./pareto.ts";
import type { SearchRow } from "./records.ts";
import type { StartKind } from "./starts.ts";

/** One evaluation of a sub-network, as it is yielded and logged. */
export interface SubNetworkRow {
  /** Number of the evaluation, from 1. */
  readonly evaluation: number;
  /** Generation of the candidate, from 0. */
  readonly generation: number;
  /** SHA-256 of the sub-network's one text. */
  readonly hash: string;
  /** How its indices were chosen, if the search began with it. */
  readonly start?: StartKind;
  /** Parameters of the student. */
  readonly parameters: number;
  /** Its forward FLOPs a token. */
  readonly flops_per_token: number;
  /** Predicted milliseconds of its forward pass, if the search has a latency model. */
  readonly latency_ms?: number;
  /** Its loss or its divergence from the teacher before any training, or its loss after one, in nats a token. */
  readonly fitness: number;
  /** Rung of the ladder of calibration tokens, from 0; fitnesses of different rungs say nothing of each other. */
  readonly level: number;
  /** FLOPs spent on evaluations so far. */
  readonly flops: number;
  /** The lowest fitness so far, on the highest rung so far. */
  readonly best: number;
  /** The sub-network. */
  readonly genotype: SubNetwork;
}

/** What a sub-network costs, by the names that rows have for it. */
export type CostName = "parameters" | "flops_per_token" | "latency_ms";

type Costs = Pick<SubNetworkRow, CostName>;

/** Takes the costs out of what has them, in their order. */
function costsOf({ parameters, flops_per_token, latency_ms }: Costs): Costs & Record<string, number> {
  return { parameters, flops_per_token, ...(latency_ms !== undefined && { latency_ms }) };
}

/** Makes the row of an evaluation. */
export function rowOf(
  { evaluation, generation, hash, costs, fitness, level, flops, best, genotype }: SearchRow<SubNetwork>,
  start: StartKind | undefined,
): SubNetworkRow {
  return {
    ...{ evaluation, generation, hash, ...(start && { start }), ...costsOf(costs as unknown as Costs) },
    ...{ fitness, level, flops, best, genotype },
  };
}

/**
 * Returns what the engine reported when it made a row.
 *
 * @param bound What the bin bounds.
 */
export function reportOf(row: SubNetworkRow, bound: CostName): SearchRow<SubNetwork> {
  const { evaluation, generation, genotype, hash, level, fitness, flops, best } = row;
  return {
    ...{ evaluation, generation, genotype, hash, cost: row[bound]!, costs: costsOf(row) },
    ...{ level, fitness, flops, best },
  };
}

/** Returns the row of the lowest loss on the highest rung, of equal ones the first; nothing if there is no row. */
export function bestOf(rows: readonly SubNetworkRow[]): SubNetworkRow | undefined {
  return highestOf(rows).reduce<SubNetworkRow | undefined>(
    (best, row) => best === undefined || row.fitness < best.fitness ? row : best,
    undefined,
  );
}

/**
 * Returns the rows of the highest rung that no other one beats in both loss and a cost, the cheapest first.
 *
 * @param cost One that all rows have. @default {"parameters"}
 */
export function frontOf(rows: readonly SubNetworkRow[], cost: CostName = "parameters"): SubNetworkRow[] {
  const compared = highestOf(rows);
  return paretoFront(compared.map((row) => [row.fitness, row[cost]!]))
    .map((i) => compared[i]!)
    .sort((a, b) => a[cost]! - b[cost]!);
}

/** Returns the rows of the highest rung: fitnesses of different rungs say nothing of each other. */
export function highestOf(rows: readonly SubNetworkRow[]): SubNetworkRow[] {
  const level = rows.reduce((most, row) => Math.max(most, row.level), 0);
  return rows.filter((row) => row.level === level);
}
