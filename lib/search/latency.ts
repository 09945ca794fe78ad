/**
 * Measured latencies of sub-networks.
 *
 * @module
 */

import { describeDevice } from "../devices/mod.ts";
import { Draws } from "../draws.ts";
import { type Latency, type LatencyOptions, measureLatency } from "../evaluate/latency.ts";
import type { Model } from "../model/model.ts";
import { subNetworkForwardFlopsPerToken } from "../subnet/counts.ts";
import { extract } from "../subnet/extract.ts";
import { fitLatencyModel, type LatencyModel } from "../subnet/latency/model.ts";
import { sizesOf } from "../subnet/sizes.ts";
import type { HeadOptions } from "../subnet/student_config.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";

/** Which sub-networks are measured, and how. */
export interface LatencyModelOptions extends HeadOptions, Pick<LatencyOptions, "batch" | "sequence"> {
  /** Sub-networks at most, from 2. @default {20} */
  readonly members?: number;
  /** Seed of what is drawn. @default {1} */
  readonly seed?: number;
}

/** Turns that all sub-networks take, so that what slows the machine for a while does not hit one alone. */
const ROUNDS = 3;
/** Measurements of a turn. */
const REPEATS = 3;

/**
 * Measures the forward passes of students that are cut out of a teacher, on its device; several take turns.
 *
 * @returns For each sub-network the turn with the shortest pass.
 * @throws {IllegalSubNetworkError} If the teacher has no such sub-network.
 * @throws {RangeError} If `batch` or `sequence` is out of its range.
 */
export async function measureSubNetworks(
  teacher: Model,
  subNetworks: readonly SubNetwork[],
  { batch, sequence, rope, scale }: Pick<LatencyModelOptions, "batch" | "sequence" | keyof HeadOptions> = {},
): Promise<Latency[]> {
  const heads = { ...(rope && { rope }), ...(scale && { scale }) };
  const shape = { ...(batch !== undefined && { batch }), ...(sequence !== undefined && { sequence }) };
  const found: Latency[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, subNetwork] of subNetworks.entries()) {
      using student = await extract(teacher, subNetwork, heads);
      const latency = await measureLatency(student, { ...shape, repeats: REPEATS });
      const passes = latency.passes + (found[i]?.passes ?? 0);
      const shortest = found[i] && found[i].minimum <= latency.minimum ? found[i] : latency;
      found[i] = { ...shortest, passes };
    }
  }
  return found;
}

/**
 * Measures sub-networks of a space on the teacher's device and fits a model to their shortest passes: the whole teacher,
 * the smallest member, and others that are drawn.
 *
 * @throws {RangeError} If an option is out of its range.
 */
export async function measureLatencyModel(
  teacher: Model,
  space: SubNetworkSpace,
  options: LatencyModelOptions = {},
): Promise<LatencyModel> {
  const { members = 20, seed = 1 } = options;
  if (!Number.isSafeInteger(members) || members < 2) {
    throw new RangeError(`Cannot measure latencies: 'members' must be a whole number of at least 2, found ${members}`);
  }
  const chosen = drawMembers(space, members, seed);
  const latencies = await measureSubNetworks(teacher, chosen, options);
  const { batch, sequence } = latencies[0]!;
  const flops = chosen.reduce((sum, subNetwork, i) => sum + flopsOf(latencies[i]!, subNetwork, teacher), 0);
  const samples = chosen.map((subNetwork, i) => ({ subNetwork, milliseconds: latencies[i]!.minimum }));
  return fitLatencyModel(samples, teacher.config, { batch, sequence, device: describeDevice(teacher.device), flops });
}

/** Counts the FLOPs that measuring a sub-network took. */
export function flopsOf({ passes, batch, sequence }: Latency, subNetwork: SubNetwork, { config }: Model): number {
  return passes * batch * sequence * subNetworkForwardFlopsPerToken(subNetwork, config, sequence);
}

/** Draws members of different sizes: time depends on nothing else. */
function drawMembers(space: SubNetworkSpace, count: number, seed: number): SubNetwork[] {
  const draws = new Draws(seed, "search/latency");
  const members = new Map<string, SubNetwork>();
  const add = (member: SubNetwork) => {
    const sizes = JSON.stringify(sizesOf(member));
    if (!members.has(sizes)) members.set(sizes, member);
  };
  add(space.largest());
  add(space.smallest());
  for (let tries = 0; tries < 4 * count && members.size < count; tries++) add(space.sample(draws));
  return [...members.values()];
}
