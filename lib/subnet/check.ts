/**
 * The rules of a sub-network.
 *
 * @module
 */

import { isObject } from "../unknown.ts";
import type { Dimensions } from "./dimensions.ts";
import { IllegalSubNetworkError } from "./illegal_sub_network_error.ts";
import { canRebuild, type RopeOptions } from "./rope.ts";
import { blockDimensions, fullSize } from "./sizes.ts";
import type { SubNetwork } from "./sub_network.ts";

/** What a search's `best.json` says beside the sub-network, and a student's `subnet.json`. */
const companions = ["parameters", "latency_ms", "fitness", "teacher"];

/**
 * Returns the sub-network itself once every rule holds: it has the fields of one and no others (but for `parameters`,
 * `latency_ms`, `fitness` and `teacher`, which are ignored), one block for each kept layer, and in each list at least one index, all of them
 * whole numbers below the teacher's size, in ascending order, each once. Dimensions of heads follow `rope` besides.
 *
 * @param subNetwork Anything, such as JSON of unknown origin.
 * @param dimensions The teacher's sizes.
 * @throws {IllegalSubNetworkError} If a rule is broken.
 */
export function checkSubNetwork(
  subNetwork: unknown,
  dimensions: Dimensions,
  { rope = "keep" }: RopeOptions = {},
): SubNetwork {
  const fields = ["layers", "width", "blocks"];
  const { layers, width, blocks } = checkFields(subNetwork, "", fields, companions);
  const { length: kept } = checkIndices(layers, "layers", dimensions.layers);
  checkIndices(width, "width", dimensions.width);
  if (!Array.isArray(blocks) || blocks.length !== kept) {
    const found = Array.isArray(blocks) ? blocks.length : blocks;
    throw new IllegalSubNetworkError("blocks", `a list of as many blocks as 'layers' keeps, ${kept}`, found);
  }
  const checkDims = rope === "keep" ? checkPairs : checkRebuilt;
  for (const [i, value] of blocks.entries()) {
    const block = checkFields(value, `blocks[${i}]`, blockDimensions);
    for (const dimension of blockDimensions) {
      const indices = checkIndices(block[dimension], `blocks[${i}].${dimension}`, fullSize(dimension, dimensions));
      if (dimension === "headDims") checkDims(indices, `blocks[${i}].headDims`, dimensions);
    }
  }
  return subNetwork as SubNetwork;
}

function checkFields(
  value: unknown,
  place: string,
  fields: readonly string[],
  ignored: readonly string[] = [],
): Record<string, unknown> {
  const names = `${fields.slice(0, -1).join(", ")} and ${fields.at(-1)}`;
  if (!isObject(value)) throw new IllegalSubNetworkError(place || "subNetwork", `an object with ${names}`, value);
  const unknown = Object.keys(value).find((name) => !fields.includes(name) && !ignored.includes(name));
  if (unknown !== undefined) {
    const argument = place ? `${place}.${unknown}` : unknown;
    throw new IllegalSubNetworkError(argument, `absent, as the fields are ${names}`, value[unknown]);
  }
  return value;
}

/**
 * Returns a list of at least one index below a size, in ascending order, each once.
 *
 * @param place What the error calls it.
 * @throws {IllegalSubNetworkError} If it is none.
 */
export function checkIndices(value: unknown, place: string, size: number): readonly number[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new IllegalSubNetworkError(place, "a list of at least one index", value);
  }
  let previous = -1;
  for (const [i, index] of value.entries()) {
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new IllegalSubNetworkError(`${place}[${i}]`, `a whole number from 0 to ${size - 1}`, index);
    }
    if (index <= previous) {
      const rule = `above ${previous}, the index before it, as lists ascend and have each index once`;
      throw new IllegalSubNetworkError(`${place}[${i}]`, rule, index);
    }
    previous = index;
  }
  return value;
}

function checkPairs(dims: readonly number[], place: string, { rotary }: Dimensions): void {
  const half = rotary / 2;
  for (const [i, dim] of dims.entries()) {
    const partner = dim < half ? dim + half : dim - half;
    if (dim >= rotary || dims.includes(partner)) continue;
    const rule = `kept together with ${partner}, as dimensions i and i + ${half} rotate as a pair`;
    throw new IllegalSubNetworkError(`${place}[${i}]`, rule, dim, 'keep both or neither, or set rope to "rebuild"');
  }
  if (dims[0]! >= half) {
    const rule = `a list with at least one rotary pair (i, i + ${half}) of the first ${rotary} dimensions`;
    throw new IllegalSubNetworkError(place, rule, dims);
  }
}

function checkRebuilt(dims: readonly number[], place: string, dimensions: Dimensions): void {
  if (canRebuild(dims.length, dimensions)) return;
  const { rotary, headSize } = dimensions;
  const rule = `a list of which ${rotary}/${headSize} are an even number of dimensions to rotate, at least 2`;
  throw new IllegalSubNetworkError(place, rule, dims, `keep another number than ${dims.length}`);
}
