/**
 * A search in words.
 *
 * @module
 */

import type { SubNetworkSpace } from "../subnet/sub_network_space.ts";
import { formatCount, formatMilliseconds } from "../units.ts";
import type { Bin } from "./bin.ts";
import type { CostName } from "./sub_network_row.ts";

/** How costs are written. */
const written: Readonly<Record<CostName, readonly [unit: string, format: (cost: number) => string]>> = {
  parameters: ["parameters", formatCount],
  flops_per_token: ["forward FLOPs a token", formatCount],
  latency_ms: ["of predicted latency", formatMilliseconds],
};

/** Says how many sub-networks a space has: `1,024 sub-networks`. */
export function describeSize(space: SubNetworkSpace): string {
  const members = space.count();
  return `${members === undefined ? "more than 2^53" : formatCount(members)} sub-networks`;
}

/** Says between which costs a search looks, in their unit: `98,000 to 102,000 parameters`. */
export function describeBin({ least, most }: Bin, bound: CostName): string {
  const [unit, format] = written[bound];
  return `${format(least)} to ${format(most)} ${unit}`;
}
