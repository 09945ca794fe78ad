/**
 * The sub-network that keeps what matters most, without a search.
 *
 * @module
 */

import { ordersOf } from "../search/starts.ts";
import { parseFixed, parseLevels, parseSteps } from "../search/sub_network_config.ts";
import { costsOf } from "../search/sub_network_costs.ts";
import { range } from "../subnet/combinations.ts";
import { dimensionsOf } from "../subnet/dimensions.ts";
import { prefixOf } from "../subnet/orders.ts";
import { proportionalSizes } from "../subnet/proportional.ts";
import { searchSpace } from "../subnet/search_space.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import { type PipelineConfig, searchConfig } from "./config.ts";
import type { OpenTeacher } from "./teacher.ts";

/**
 * Chooses the indices with the highest scores, in the proportions of the teacher; without scores, or in a coarse space,
 * the first ones.
 *
 * @returns The sub-network, and the FLOPs that scoring took.
 * @throws {RangeError} If the bin holds no sub-network of the teacher's proportions.
 */
export async function mostImportant(
  config: PipelineConfig,
  { model, data }: OpenTeacher,
): Promise<{ readonly subNetwork: SubNetwork; readonly flops: number }> {
  const settings = searchConfig(config);
  const { importance, fixed, steps } = settings;
  const space = searchSpace(settings.space, dimensionsOf(model.config), {
    ...{ fixed: parseFixed(fixed), steps: parseSteps(steps) },
  });
  const { bin } = await costsOf(model, space, settings, { latencyModel: undefined, records: 0 });
  const sizes = proportionalSizes(space, model.config, bin);
  const limit = parseLevels(settings.calibrationTokens, "--calibration-tokens", data.train.length)[0]!;
  const only = { method: "evolution", prefix: false, spaced: false, importance } as const;
  const { orders, flops } = await ordersOf(model, only, space, { tokens: data.train, limit });
  const [order = prefixOf] = orders.values();
  const subNetwork = order(sizes, space);
  // On principal axes the first coordinates are the best, whatever their scores.
  return { subNetwork: config.axes === "principal" ? { ...subNetwork, width: range(sizes.width) } : subNetwork, flops };
}
