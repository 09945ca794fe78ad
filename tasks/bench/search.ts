/**
 * How fast a search judges sub-networks of the shipped teacher.
 *
 * @module
 */

import { openDevice } from "../../lib/devices/mod.ts";
import { Draws } from "../../lib/draws.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { machineOptions } from "../../lib/io/machine.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { Fitter } from "../../lib/search/fit.ts";
import { LossJudge } from "../../lib/search/judges/loss.ts";
import { StudentObjective } from "../../lib/search/student_objective.ts";
import { bin } from "../../lib/subnet/budget.ts";
import { countSubNetworkParameters } from "../../lib/subnet/counts.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import type { SubNetwork } from "../../lib/subnet/sub_network.ts";
import { rounded } from "./measure.ts";
import type { BenchDevice } from "./training.ts";

const CALIBRATION_TOKENS = 4096;
const WARM_UP = 2;
/** Kernels that gather a student's weights; all others are its forward pass. */
const EXTRACTION = ["gather", "add", "fill", "copy"];

/** The speed of a search, as printed in JSON. */
export interface SearchSpeed {
  /** Candidates that were judged, in the finest space and a bin of a quarter of the teacher's parameters. */
  readonly candidates: number;
  /** Tokens that each was judged on. */
  readonly calibration_tokens: number;
  /** Candidates a second, extraction and all else included. */
  readonly candidates_per_s: number;
  /** The share of the time in which no kernel of a forward pass ran. */
  readonly overhead: number;
}

/** Judges candidates on random tokens, after a few to warm up; none is like another. */
export async function benchSearch({ device: kind, threads }: BenchDevice, candidates: number): Promise<SearchSpeed> {
  using device = await openDevice(kind, { ...machineOptions(threads), profile: true });
  using teacher = await loadModel(new URL("../../fixtures/teacher", import.meta.url).pathname, device);
  const { config } = teacher;
  const draws = new Draws(1, "bench search");
  const space = searchSpace("fine-layerwise", dimensionsOf(config), { fixed: ["headDims"] });
  const cost = (subNetwork: SubNetwork) => countSubNetworkParameters(subNetwork, config);
  const quarter = bin({ target: Math.round(countParameters(config) / 4), tolerance: 0.02 });
  const fitter = new Fitter({ space, cost }, quarter);
  const drawn = Array.from({ length: WARM_UP + candidates }, () => {
    const member = fitter.fit(space.sample(draws), draws);
    if (!member) throw fitter.unreachable();
    return member;
  });
  const tokens = Uint16Array.from({ length: CALIBRATION_TOKENS + 1 }, () => draws.below(config.vocabularySize));
  const judge = new LossJudge(teacher, { tokens, sequence: config.sequence, levels: [CALIBRATION_TOKENS] });
  const objective = new StudentObjective(teacher, judge);

  await objective.evaluate(drawn.slice(0, WARM_UP), 0);
  await device.profiler!.collect();
  const start = performance.now();
  await objective.evaluate(drawn.slice(WARM_UP), 0);
  const elapsed = performance.now() - start;
  const forward = (await device.profiler!.collect())
    .filter(({ kernel }) => !EXTRACTION.includes(kernel))
    .reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return {
    candidates,
    calibration_tokens: CALIBRATION_TOKENS,
    candidates_per_s: rounded(1000 * candidates / elapsed, 2),
    overhead: rounded(1 - forward / elapsed, 3),
  };
}
