/**
 * Ridge regression of many outputs.
 *
 * @module
 */

import { solveSymmetric } from "./cholesky.ts";

/**
 * Finds the linear map that makes up best for what is missing, from its normal equations.
 *
 * @param gram Products of the inputs with each other, summed over rows: `[inputs, inputs]`, the last input of ones.
 * @param cross Products of the inputs with what is missing: `[inputs, outputs]`.
 * @param ridge Weight of the squared map, as a share of the mean square of the inputs before the last.
 * @returns `[inputs, outputs]`.
 */
export function regress(gram: Float32Array, cross: Float32Array, size: number, ridge: number): Float64Array {
  const a = Float64Array.from(gram);
  let trace = 0;
  for (let i = 0; i < size - 1; i++) trace += a[i * size + i]! / (size - 1);
  for (let i = 0; i < size; i++) a[i * size + i]! += ridge * trace;
  const b = Float64Array.from(cross);
  solveSymmetric(a, b, size);
  return b;
}

/** Returns a linear map `[inputs, outputs]` as the weight of a layer: `[outputs, inputs]`, in single precision. */
export function weightOf(map: Float64Array, outputs: number): Float32Array<ArrayBuffer> {
  const inputs = map.length / outputs;
  const weight = new Float32Array(map.length);
  map.forEach((value, i) => weight[i % outputs * inputs + Math.floor(i / outputs)] = value);
  return weight;
}
