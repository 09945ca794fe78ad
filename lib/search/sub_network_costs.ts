/**
 * What sub-networks of a teacher cost, and the bin in which a search looks for them.
 *
 * @module
 */

import type { Model } from "../model/model.ts";
import { bin as binAround, parseBudget, parseLatency } from "../subnet/budget.ts";
import { countSubNetworkParameters, subNetworkForwardFlopsPerToken } from "../subnet/counts.ts";
import { checkLatencyModel, type LatencyModel, predictLatency } from "../subnet/latency/model.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";
import type { Bin } from "./bin.ts";
import { measureLatencyModel } from "./latency.ts";
import { DEFAULT_PARAMS, type SubNetworkSearchConfig } from "./sub_network_config.ts";
import type { CostName } from "./sub_network_row.ts";

/** What is known of latencies before a search. */
export interface KnownLatencies {
  /** A model to take in place of a measurement. */
  readonly latencyModel: LatencyModel | undefined;
  /** Rows that the search goes on from. */
  readonly records: number;
}

/** A search's costs and bin. */
export interface SubNetworkCosts {
  /** The costs of a sub-network by their names. */
  readonly costs: Readonly<Partial<Record<CostName, (subNetwork: SubNetwork) => number>>>;
  /** The name of the one that the bin bounds. */
  readonly bound: CostName;
  /** That one. */
  readonly cost: (subNetwork: SubNetwork) => number;
  /** Where it lies. */
  readonly bin: Bin;
  /** Predicts latencies, if rows have them. */
  readonly latencyModel: LatencyModel | undefined;
}

/**
 * Decides what a search's costs and its bin are; for a bin of latency without a model it measures sub-networks.
 *
 * @throws {UsageError} If the budget or the tolerance is wrong.
 * @throws {RangeError} If the latency model is none, or it is missing where a search goes on.
 */
export async function costsOf(
  teacher: Model,
  space: SubNetworkSpace,
  { params = DEFAULT_PARAMS, budgetFlops, latency, tolerance, rope, scale, seed }: SubNetworkSearchConfig,
  { latencyModel: given, records }: KnownLatencies,
): Promise<SubNetworkCosts> {
  if (latency !== undefined) parseLatency(latency); // before anything is measured
  if (latency !== undefined && !given && records > 0) {
    throw new RangeError(
      "Cannot go on with a search over latency: 'latencyModel' must be the one that it began with, found none beside " +
        `${records} records; keep the search's latencyModel with its rows`,
    );
  }
  const latencyModel = latency !== undefined && !given
    ? await measureLatencyModel(teacher, space, { rope, scale, seed })
    : given && checkLatencyModel(given);
  const { config } = teacher;
  const costs: Partial<Record<CostName, (subNetwork: SubNetwork) => number>> = {
    parameters: (subNetwork) => countSubNetworkParameters(subNetwork, config),
    flops_per_token: (subNetwork) => subNetworkForwardFlopsPerToken(subNetwork, config),
    ...(latencyModel && { latency_ms: (subNetwork) => predictLatency(latencyModel, subNetwork, config) }),
  };
  const bound = latency !== undefined ? "latency_ms" : budgetFlops !== undefined ? "flops_per_token" : "parameters";
  const cost = costs[bound]!;
  const full = cost(space.largest());
  const bin = latency === undefined
    ? binAround({ target: parseBudget(budgetFlops ?? params, full), tolerance })
    : binAround({ target: parseLatency(latency, full), tolerance, fractions: true });
  return { costs, bound, cost, bin, latencyModel };
}
