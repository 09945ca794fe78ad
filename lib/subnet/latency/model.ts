/**
 * Latencies of sub-networks, predicted from what was measured on others.
 *
 * @module
 */

import { z } from "zod";
import type { GPTNeoXConfig } from "../../model/config.ts";
import { mean } from "../../statistics.ts";
import { show } from "../../unknown.ts";
import type { SubNetwork } from "../sub_network.ts";
import { nonNegativeLeastSquares } from "./least_squares.ts";
import { type LatencyTerm, latencyTerms, latencyTermsOf, type PassShape } from "./terms.ts";

/** What latencies were measured with. */
export interface LatencyConditions extends PassShape {
  /** The device, in words. */
  readonly device: string;
  /** FLOPs that measuring took. */
  readonly flops: number;
}

/** Predicts the latencies of a teacher's sub-networks on one device: plain data that can be kept as JSON. */
export interface LatencyModel extends LatencyConditions {
  /** Milliseconds of one of each term, none below 0. */
  readonly coefficients: Readonly<Record<LatencyTerm, number>>;
  /** Sub-networks that it was fitted to. */
  readonly members: number;
  /** Mean of their relative errors, each predicted by a fit to all others. */
  readonly meanError: number;
  /** The largest of these errors. */
  readonly worstError: number;
}

/** A sub-network whose latency was measured. */
export interface LatencySample {
  /** The sub-network. */
  readonly subNetwork: SubNetwork;
  /** Milliseconds of a forward pass, above 0. */
  readonly milliseconds: number;
}

const count = z.int().min(1), least = z.number().min(0);
const schema = z.strictObject({
  coefficients: z.strictObject(Object.fromEntries(latencyTerms.map((term) => [term, least]))),
  ...{ batch: count, sequence: count, device: z.string(), flops: least },
  ...{ members: count, meanError: least, worstError: least },
});

/**
 * Fits a latency model by least squares over relative errors, with coefficients of at least 0, so that no sub-network
 * is predicted to be slower than one with more of everything.
 *
 * Latencies that are predicted from a few measurements, in place of a measurement of each candidate, are those of
 * Once-for-All (Cai et al. 2020, arXiv 1908.09791: a table of layers' latencies, summed) and HAT (Wang et al. 2020, arXiv
 * 2005.14187: a network fitted to measured latencies); here a sum of terms is fitted.
 *
 * @param samples At least one; as many sizes of each dimension as can be.
 * @param config The teacher's.
 * @throws {RangeError} If there is no sample, or a latency is not above 0.
 */
export function fitLatencyModel(
  samples: readonly LatencySample[],
  config: GPTNeoXConfig,
  conditions: LatencyConditions,
): LatencyModel {
  if (samples.length === 0) {
    throw new RangeError("Cannot fit latencies: there must be at least one sample, found none");
  }
  for (const { milliseconds } of samples) {
    if (milliseconds > 0 && milliseconds < Infinity) continue;
    throw new RangeError(`Cannot fit latencies: milliseconds must be above 0 and finite, found ${milliseconds}`);
  }
  // Divided by what was measured, each row of the right coefficients adds up to 1.
  const rows = samples.map(({ subNetwork, milliseconds }) =>
    latencyTermsOf(subNetwork, config, conditions).map((value) => value / milliseconds)
  );
  const fit = (rows: readonly number[][]) =>
    nonNegativeLeastSquares(rows, Array<number>(rows.length).fill(1), latencyTerms.length);
  const errors = rows.map((row, i) => Math.abs(dot(row, fit(rows.toSpliced(i, 1))) - 1));
  const found = fit(rows);
  return {
    coefficients: Object.fromEntries(latencyTerms.map((term, i) => [term, found[i]!])) as Record<LatencyTerm, number>,
    ...conditions,
    members: samples.length,
    meanError: mean(errors),
    worstError: Math.max(...errors),
  };
}

/**
 * Predicts the milliseconds of a sub-network's forward pass, of the shape and on the device that were measured.
 *
 * @param config The teacher's; it says how large the vocabulary is.
 */
export function predictLatency(model: LatencyModel, subNetwork: SubNetwork, config: GPTNeoXConfig): number {
  const coefficients = latencyTerms.map((term) => model.coefficients[term]);
  return dot(latencyTermsOf(subNetwork, config, model), coefficients);
}

/**
 * Returns the latency model itself, once it is one.
 *
 * @param model Anything, such as JSON that was kept.
 * @throws {RangeError} If it is none.
 */
export function checkLatencyModel(model: unknown): LatencyModel {
  const { success, error } = schema.safeParse(model);
  if (success) return model as LatencyModel;
  const { path, message } = error.issues[0]!;
  const where = path.length > 0 ? `'${path.join(".")}' of ` : "";
  throw new RangeError(
    `Cannot use ${where}the latency model: it must be what a measurement gave, found ${show(model)} (${message}); ` +
      "measure one anew",
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
