/**
 * The recipe: how a student is made where nothing else is asked for. All numbers that experiments decide stand here.
 *
 * @module
 */

import type { SubNetworkSearchOptions } from "../search/sub_network_config.ts";
import type { PretrainOptions } from "../train/config.ts";

/** How a student is cut out of its teacher: by `search`, or by `importance` alone, in the teacher's proportions. */
export const INIT: "search" | "importance" = "search";

/** The teacher that comes with the project, from its root. */
export const SHIPPED_TEACHER = "fixtures/teacher";

/** The sub-network: its size and how it is found. Fields are those of `deno task search`. */
export const SEARCH = {
  params: "0.25x",
  space: "coarse-uniform",
  method: "evolution",
  evaluations: 32,
  fitness: "repaired",
  importance: "activation",
  calibrationTokens: "4k",
  proportional: true,
} as const satisfies SubNetworkSearchOptions;

/** What the student inherits besides the weights: as `deno task extract` repairs. */
export const INHERITANCE = {
  axes: "principal",
  norms: "rescale",
  repair: true,
  calibrationTokens: 16_384,
} as const;

/** Its training beside its teacher: fields of a run, with windows of the teacher's length. */
export const TRAINING = {
  batch: 8,
  tokens: 352 * 8 * 256, // about one for two parameters of the student: minutes on two cores
  lr: 2e-3,
  schedule: "linear",
  minLr: 0,
  alpha: 0.3,
  beta: 0.7,
  gamma: 1, // where its teacher is the model that it is cut out of
  temperature: 1,
  divergence: "forward_kl",
  distilUntil: 1,
  evalTokens: 32_768,
} as const satisfies PretrainOptions;
