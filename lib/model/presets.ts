/**
 * Model shapes by name.
 *
 * @module
 */

import type { GPTNeoXConfig } from "./config.ts";

/** A model shape with the learning rate that goes with it. */
export interface Preset {
  /** The model. */
  readonly config: GPTNeoXConfig;
  /** Peak learning rate of AdamW. */
  readonly learningRate: number;
}

/** Names of the presets, the smallest first. */
export const presetNames = ["tiny", "small", "teacher", "14m", "31m", "70m", "160m", "410m", "1b"] as const;

/** Name of a preset. */
export type PresetName = typeof presetNames[number];

/**
 * The presets by name. `14m` to `1b` are Pythia's shapes, with the sequence length of its training configurations and
 * the learning rates of its paper (Biderman et al. 2023, arXiv 2304.01373, appendix). The others are ours, for machines
 * without a GPU: `tiny` for tests, `small` for a first run, and `teacher` to cut students of about its size out of. Of 2e-3, 4e-3, 6e-3
 * and 8e-3, 4e-3 and 6e-3 did best for `small` with 350,000 tokens.
 */
export const presets: Readonly<Record<PresetName, Preset>> = {
  tiny: ours({ vocabularySize: 320, layers: 2, width: 16, heads: 2, sequence: 32 }, 4e-3),
  small: ours({ vocabularySize: 2048, layers: 4, width: 128, heads: 4, sequence: 128 }, 4e-3),
  teacher: ours({ vocabularySize: 2048, layers: 6, width: 256, heads: 8, sequence: 256 }, 2.5e-3),
  "14m": pythia(6, 128, 4, 1e-3),
  "31m": pythia(6, 256, 8, 1e-3),
  "70m": pythia(6, 512, 8, 1e-3),
  "160m": pythia(12, 768, 12, 6e-4),
  "410m": pythia(24, 1024, 16, 3e-4),
  "1b": pythia(16, 2048, 8, 3e-4),
};

/**
 * Returns the preset of that name.
 *
 * @throws {RangeError} If there is none.
 */
export function preset(name: string): Preset {
  const known = presetNames.find((each) => each === name);
  if (!known) throw new RangeError(`Cannot find preset '${name}': it must be one of ${presetNames.join(", ")}`);
  return presets[known];
}

type Sizes = Pick<GPTNeoXConfig, "vocabularySize" | "layers" | "width" | "heads" | "sequence">;

function neox(sizes: Sizes): GPTNeoXConfig {
  return {
    ...sizes,
    mlpWidth: 4 * sizes.width,
    rotaryFraction: 0.25,
    rotaryBase: 10_000,
    parallelResidual: true,
    attentionBias: true,
    epsilon: 1e-5,
    tiedEmbeddings: false,
    activation: "gelu",
    initialRange: 0.02,
    bosToken: 0,
    eosToken: 0,
  };
}

function pythia(layers: number, width: number, heads: number, learningRate: number): Preset {
  return { config: neox({ vocabularySize: 50_304, layers, width, heads, sequence: 2048 }), learningRate };
}

function ours(sizes: Sizes, learningRate: number): Preset {
  return { config: neox(sizes), learningRate };
}
