/**
 * Sub-networks as JSON: one text and one hash for each.
 *
 * @module
 */

import { sha256 } from "../data/hash.ts";
import { checkSubNetwork } from "./check.ts";
import type { Dimensions } from "./dimensions.ts";
import { IllegalSubNetworkError } from "./illegal_sub_network_error.ts";
import type { RopeOptions } from "./rope.ts";
import type { SubNetwork } from "./sub_network.ts";

/**
 * Reads a sub-network, without what may stand beside it (`parameters`, `latency_ms`, `fitness`, `teacher`).
 *
 * @param json A text of JSON, or what is parsed of one.
 * @param dimensions The teacher's sizes.
 * @throws {IllegalSubNetworkError} If it is no JSON, or no sub-network of the teacher.
 */
export function parseSubNetwork(json: unknown, dimensions: Dimensions, options: RopeOptions = {}): SubNetwork {
  const value = typeof json === "string" ? parseText(json) : json;
  const { layers, width, blocks } = checkSubNetwork(value, dimensions, options);
  return { layers, width, blocks };
}

/**
 * Writes a sub-network as its one text, by which members of a search are told apart: JSON with sorted keys and no
 * spaces. {@linkcode parseSubNetwork} reads it back.
 */
export function printSubNetwork({ layers, width, blocks }: SubNetwork): string {
  // The text of canonicalJson(), without a call for each of thousands of indices.
  const sorted = blocks.map(({ groups, headDims, headsInGroup, mlp }) => ({ groups, headDims, headsInGroup, mlp }));
  return JSON.stringify({ blocks: sorted, layers, width });
}

/** Returns the SHA-256 of a sub-network's one text as 64 hexadecimal digits. */
export function hashSubNetwork(subNetwork: SubNetwork): Promise<string> {
  return sha256(new TextEncoder().encode(printSubNetwork(subNetwork)));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new IllegalSubNetworkError("subNetwork", "an object written as JSON", text);
  }
}
