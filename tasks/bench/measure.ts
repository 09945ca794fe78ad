/**
 * Our training step and the peers' at one shape, in turns.
 *
 * @module
 */

import { trainingFlopsPerToken } from "../../lib/model/flops.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { median, spread } from "../../lib/statistics.ts";
import { type PeerResult, type peers, runPeer, type Shape } from "./peers/mod.ts";
import { modelOf, type NamedShape } from "./shapes.ts";
import { type BenchDevice, TrainingBench } from "./training.ts";

/** The name of a peer. */
export type PeerName = keyof typeof peers;

/** How a shape is measured. */
export interface MeasureOptions extends BenchDevice {
  readonly peers: readonly PeerName[];
  /** Steps that each takes in a round. */
  readonly steps: number;
  /** Turns; a machine that is slow for a while is then slow for all. */
  readonly rounds: number;
  /** Told what is being measured. */
  readonly notice: (line: string) => void;
}

/** The results of one shape, as printed in JSON. */
export interface ShapeResult {
  readonly shape: string;
  readonly sizes: Shape;
  readonly params: number;
  /** Tokens of a step by its median time. */
  readonly tokens_per_s: number;
  /** The median step, in milliseconds. */
  readonly step_ms: number;
  /** The slowest step less the fastest, as a share of the median. */
  readonly spread: number;
  /** Operations that the model needs, in billions a second. */
  readonly gflops: number;
  /** The most bytes on the device at a time. */
  readonly peak_bytes: number;
  /** Tokens a second of each peer, the median of its rounds, or why it could not be measured. */
  readonly peers: Readonly<Partial<Record<PeerName, number | { readonly error: string }>>>;
  /** How many times a peer's tokens a second ours are, the median of the rounds. */
  readonly ratios: Readonly<Partial<Record<PeerName, number>>>;
}

/** Measures a shape. */
export async function measureShape({ name, shape }: NamedShape, options: MeasureOptions): Promise<ShapeResult> {
  const { steps, rounds, notice } = options;
  using bench = await TrainingBench.open(shape, options);
  const times: number[] = [];
  const turns = new Map(options.peers.map((peer) => [peer, new Turns()]));
  const tokens = shape.batch * shape.seq;
  for (let round = 1; round <= rounds; round++) {
    notice(`shape ${name}, round ${round} of ${rounds}: ours`);
    const ours = await bench.measure(steps);
    times.push(...ours);
    for (const [peer, turn] of turns) {
      if (turn.error) continue;
      notice(`shape ${name}, round ${round} of ${rounds}: ${peer}`);
      turn.add(await runPeer(peer, shape, steps), tokens * 1000 / median(ours));
    }
  }
  const config = modelOf(shape);
  const ms = median(times);
  const entries = [...turns];
  return {
    shape: name,
    sizes: shape,
    params: countParameters(config),
    tokens_per_s: Math.round(tokens * 1000 / ms),
    step_ms: rounded(ms, 2),
    spread: rounded(spread(times), 3),
    gflops: rounded(trainingFlopsPerToken(config) * tokens / ms / 1e6, 2),
    peak_bytes: bench.bytes,
    peers: Object.fromEntries(entries.map(([peer, { error, speeds }]) => [peer, error ?? Math.round(median(speeds))])),
    ratios: Object.fromEntries(
      entries.filter(([, { error }]) => !error).map(([peer, { ratios }]) => [peer, rounded(median(ratios), 2)]),
    ),
  };
}

/** What a peer reached in each round, and how many times as much we did in the same round. */
class Turns {
  readonly speeds: number[] = [];
  readonly ratios: number[] = [];
  error: { readonly error: string } | undefined;

  add(result: PeerResult, ours: number): void {
    if ("error" in result) {
      this.error = { error: result.error };
    } else {
      this.speeds.push(result.tokens_per_s);
      this.ratios.push(ours / result.tokens_per_s);
    }
  }
}

/** A number with that many decimals. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
