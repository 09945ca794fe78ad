/**
 * How long a model takes for a forward pass.
 *
 * @module
 */

import { timeSubmissions } from "../devices/timing.ts";
import { plan } from "../graph/plan.ts";
import { lossGraph } from "../model/loss.ts";
import type { Model } from "../model/model.ts";
import { Random } from "../random.ts";
import { median } from "../statistics.ts";
import { show } from "../unknown.ts";

/** What passes are measured, and how often. */
export interface LatencyOptions {
  /** Sequences of a pass. @default {1} */
  readonly batch?: number;
  /** Tokens a sequence. @default {config.sequence} */
  readonly sequence?: number;
  /** Measurements, each of many passes. @default {7} */
  readonly repeats?: number;
}

/** How long a forward pass takes on a model's device. */
export interface Latency {
  /** Milliseconds of the middle measurement. */
  readonly median: number;
  /** Milliseconds of the shortest measurement, which other work on the machine disturbed least. */
  readonly minimum: number;
  /** How far the longest measurement is above the shortest, in milliseconds. */
  readonly spread: number;
  /** Tokens a second at the median. */
  readonly tokensPerSecond: number;
  /** Sequences of a pass. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly sequence: number;
  /** Passes that this took in all. */
  readonly passes: number;
}

/**
 * Measures the forward pass that evaluation runs, from tokens to their loss, on the model's device.
 *
 * It is compiled once and warmed up. A measurement sends so many passes, each as a submission of its own, that they take
 * ten times as long as a wait, but at least 5 ms and at most 512 passes; it waits once for all of them and takes off
 * what a wait for nothing takes. So the milliseconds are those of a pass among others, without a wait for its result.
 *
 * @throws {RangeError} If an option is no whole number above 0, or `sequence` is above the model's.
 */
export async function measureLatency(model: Model, options: LatencyOptions = {}): Promise<Latency> {
  const { config, device, pages, store } = model;
  const { batch = 1, sequence = config.sequence, repeats = 7 } = options;
  check("batch", batch);
  check("sequence", sequence, config.sequence);
  check("repeats", repeats);
  const { graph } = lossGraph(config, pages, { batch, sequence });
  using program = await device.compile(plan(graph), [store]);
  const random = new Random(0, "latency");
  const draw = (first: number) =>
    Uint32Array.from({ length: batch * sequence }, (_, i) => random.below(config.vocabularySize, first + i));
  program.run({ tokens: draw(0), targets: draw(batch * sequence) });
  const { milliseconds, runs } = await timeSubmissions(device, program, repeats);
  const middle = median(milliseconds), minimum = Math.min(...milliseconds);
  return {
    ...{ median: middle, minimum, spread: Math.max(...milliseconds) - minimum },
    ...{ tokensPerSecond: 1000 * batch * sequence / middle, batch, sequence, passes: runs + 1 },
  };
}

function check(option: string, value: number, most = Infinity): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return;
  const rule = most === Infinity ? "a whole number above 0" : `a whole number from 1 to the model's ${most}`;
  throw new RangeError(`Cannot measure the latency: '${option}' must be ${rule}, found ${show(value)}`);
}
