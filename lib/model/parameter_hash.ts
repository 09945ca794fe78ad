/**
 * One hash for all weights of a model.
 *
 * @module
 */

import { canonicalJson, sha256 } from "../data/hash.ts";
import type { ParameterValues } from "./parameters.ts";

/** Returns the SHA-256 of a model's weights, as 64 hexadecimal digits: of their names and values, in their order. */
export async function hashParameters(parameters: ParameterValues): Promise<string> {
  const hashes: [name: string, hash: string][] = [];
  for (const [name, { buffer, byteOffset, byteLength }] of parameters) {
    hashes.push([name, await sha256(new Uint8Array(buffer, byteOffset, byteLength))]);
  }
  return await sha256(new TextEncoder().encode(canonicalJson(hashes)));
}
