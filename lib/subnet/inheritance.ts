/**
 * What a student remembers of the teacher that it was cut out of: `subnet.json` beside its weights.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../model/config.ts";
import { isObject } from "../unknown.ts";
import { checkIndices } from "./check.ts";
import { IllegalSubNetworkError } from "./illegal_sub_network_error.ts";
import type { SubNetwork } from "./sub_network.ts";

/** Where in its teacher a student's residual stream lies. */
export interface Inheritance extends Pick<SubNetwork, "layers" | "width"> {
  /** SHA-256 of the teacher's weights, as `hashParameters` returns it. */
  readonly teacher: string;
}

/** Returns what `subnet.json` holds: the sub-network, which `--subnet` reads too, and its teacher's hash. */
export function inheritanceJson(subNetwork: SubNetwork, teacher: string): Inheritance & SubNetwork {
  return { teacher, ...subNetwork };
}

/**
 * Reads what a student inherited from a teacher.
 *
 * @param json A parsed `subnet.json`.
 * @param student The student's shape.
 * @returns undefined if it was cut out of another teacher.
 * @throws {IllegalSubNetworkError} If it names no teacher, or one that has no such layers and width, or a student of
 *   another shape.
 */
export function readInheritance(
  json: unknown,
  student: GPTNeoXConfig,
  teacher: { readonly config: GPTNeoXConfig; readonly hash: string },
): Inheritance | undefined {
  if (!isObject(json) || typeof json.teacher !== "string") {
    const found = isObject(json) ? json.teacher : json;
    throw new IllegalSubNetworkError("teacher", "the SHA-256 of a teacher's weights", found);
  }
  if (json.teacher !== teacher.hash) return undefined;
  const kept = (dimension: "layers" | "width") => {
    const indices = checkIndices(json[dimension], dimension, teacher.config[dimension]);
    if (indices.length === student[dimension]) return indices;
    throw new IllegalSubNetworkError(dimension, `a list of the student's ${student[dimension]}`, indices.length);
  };
  return { teacher: json.teacher, layers: kept("layers"), width: kept("width") };
}
