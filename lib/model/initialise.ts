/**
 * What a model holds before training.
 *
 * @module
 */

import { sizeOf } from "../graph/tensor.ts";
import { Random } from "../random.ts";
import type { GPTNeoXConfig } from "./config.ts";
import { type InitialRule, type ParameterSpec, parameterSpecs, type ParameterValues } from "./parameters.ts";

/**
 * Draws the initial parameters as Pythia's training did: matrices from the normal distribution of "small init"
 * (Nguyen and Salazar 2019, arXiv 1910.05895), except that the two projections back into the residual stream take that
 * of "Wang init", smaller the deeper the model (Wang and Komatsuzaki 2021, GPT-J); gains are 1, biases 0.
 *
 * Every tensor has its own stream of the seed, named after it, so that it stays the same whatever other tensors there
 * are.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 * @returns The parameters by name, in the order of {@linkcode parameterSpecs}.
 */
export function initialise(config: GPTNeoXConfig, seed: number): ParameterValues {
  const parameters: ParameterValues = new Map();
  for (const spec of parameterSpecs(config)) parameters.set(spec.name, drawParameter(spec, config, seed));
  return parameters;
}

/** Draws one parameter, of a model or of what is trained along with it. */
export function drawParameter(
  { name, shape, initial }: ParameterSpec,
  config: GPTNeoXConfig,
  seed: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(sizeOf(shape));
  if (initial === "one") values.fill(1);
  const deviation = standardDeviation(initial, config);
  if (deviation > 0) new Random(seed, `initialisation/${name}`).fillNormal(values, deviation);
  return values;
}

/** Returns the standard deviation that a parameter is drawn with; 0 for the constants. */
function standardDeviation(rule: InitialRule, config: GPTNeoXConfig): number {
  if (rule === "small") return Math.sqrt(2 / (5 * config.width));
  if (rule === "output") return 2 / (config.layers * Math.sqrt(config.width));
  return 0;
}
