import { canonicalJson, sha256 } from "../data/hash.ts";
import type { ParameterValues } from "./parameters.ts";

/** Returns the SHA-256 of a model's weights and their names. */
export async function hashParameters(parameters: ParameterValues): Promise<string> {
  const hashes: [name: string, hash: string][] = [];
  for (const [name, { buffer, byteOffset, byteLength }] of parameters) {
    hashes.push([name, await sha256(new Uint8Array(buffer, byteOffset, byteLength))]);
  }
  return await sha256(new TextEncoder().encode(canonicalJson(hashes)));
}
