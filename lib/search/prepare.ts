/**
 * Preparing a search of a teacher for the sub-network that is the best student, inside a bin.
 *
 * @module
 */

import { validate } from "../cli/validate.ts";
import type { TokenArray } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { dimensionsOf } from "../subnet/dimensions.ts";
import { hashSubNetwork } from "../subnet/json.ts";
import type { LatencyModel } from "../subnet/latency/model.ts";
import { findProportionalSizes } from "../subnet/proportional.ts";
import { searchSpace } from "../subnet/search_space.ts";
import { judgeOf } from "./judges/mod.ts";
import { search } from "./search.ts";
import { drawStarts, ordersOf, type StartKind } from "./starts.ts";
import { StudentObjective } from "./student_objective.ts";
import {
  checkOneBudget,
  parseFixed,
  parseSteps,
  type SubNetworkSearchOptions,
  subNetworkSearchSchema,
} from "./sub_network_config.ts";
import { costsOf } from "./sub_network_costs.ts";
import { reportOf, type SubNetworkRow } from "./sub_network_row.ts";
import { SubNetworkSearch } from "./sub_network_search.ts";

/** What a search needs besides its settings. */
export interface SubNetworkSearchInputs {
  /** Calibration text, as the teacher's tokens; not what models are compared on in the end. */
  readonly tokens: TokenArray;
  /** First rows of the same search: they are yielded again without an evaluation. @default {[]} */
  readonly records?: readonly SubNetworkRow[];
  /**
   * Predicts the latencies that rows have; one of another search of this teacher on this device spares the measurement.
   * A search over latency that goes on from records needs the one that it began with.
   *
   * @default {measured if the bin is one of latency, else none}
   */
  readonly latencyModel?: LatencyModel | undefined;
}

/**
 * Searches and yields a row for each evaluation.
 *
 * The same teacher, settings and tokens give the same rows on the same device.
 *
 * @param teacher Stays the caller's.
 * @param options Settings; what is not given has the defaults of `deno task search`.
 * @param inputs `signal` ends the search after the evaluation under way.
 * @throws {UsageError} If a setting is wrong.
 * @throws {RangeError} If the bin holds no sub-network, or settings do not fit the teacher or the text.
 * @throws {SearchError} If `records` are those of another search.
 */
export async function* searchSubNetworks(
  teacher: Model,
  options: SubNetworkSearchOptions,
  inputs: SubNetworkSearchInputs & { readonly signal?: AbortSignal },
): AsyncGenerator<SubNetworkRow> {
  yield* (await prepareSubNetworkSearch(teacher, options, inputs)).rows(inputs.signal);
}

/**
 * Prepares a search: makes the space and the bin, scores importance and draws what to begin with. For a bin of latency
 * it measures sub-networks first, unless there is a latency model: all else, but what these took, is the same for the
 * same settings.
 *
 * @throws {UsageError} If a setting is wrong.
 * @throws {RangeError} If the bin lies beyond the space's costs, settings do not fit the teacher or the text, the latency
 *   model is none, or it is missing beside records.
 */
export async function prepareSubNetworkSearch(
  teacher: Model,
  options: SubNetworkSearchOptions,
  { tokens, records = [], latencyModel: given }: SubNetworkSearchInputs,
): Promise<SubNetworkSearch> {
  const config = validate(subNetworkSearchSchema, options);
  checkOneBudget(config);
  const { rope, scale, pairs, fixed, steps } = config;
  const dimensions = dimensionsOf(teacher.config);
  const space = searchSpace(config.space, dimensions, {
    ...{ rope, pairs, fixed: parseFixed(fixed), steps: parseSteps(steps) },
  });
  const { judge, levels, calibration } = await judgeOf(teacher, config, tokens);
  const objective = new StudentObjective(teacher, judge, { rope, scale });
  const { costs, bound, cost, bin, latencyModel } = await costsOf(teacher, space, config, {
    latencyModel: given,
    records: records.length,
  });
  const { orders, flops } = await ordersOf(teacher, config, space, { tokens, limit: calibration });
  const { population, seed } = config;
  const sizes = config.proportional && bound === "parameters" && orders.size > 0
    ? findProportionalSizes(space, teacher.config, bin)
    : undefined;
  const starts = drawStarts({ space, cost, bin, orders, population, seed, sizes });
  const { method, elites, mutation, crossover, generations, evaluations, flops: most } = config;
  const found = search({ space, cost, bin, costs, objective, hashOf: hashSubNetwork }, {
    ...{ method, population, mutation, crossover, evaluations, seed, levels: levels.length },
    ...(elites !== undefined && { elites }),
    ...(generations !== undefined && { generations }),
    ...(most !== undefined && { flops: most }),
    initial: starts.map(({ genotype }) => genotype),
    records: records.map((row) => reportOf(row, bound)),
  });
  const kinds = await Promise.all(starts.map(async ({ kind, genotype }) => [await hashSubNetwork(genotype), kind]));
  return new SubNetworkSearch({
    ...{
      teacher,
      config,
      space,
      bin,
      bound,
      latencyModel,
      levels,
      judge,
      objective,
      starts,
      search: found,
      preparation: flops + judge.preparation,
    },
    kinds: new Map(kinds as [string, StartKind][]),
  });
}
