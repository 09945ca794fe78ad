/**
 * Choosing what students are judged by.
 *
 * @module
 */

import type { TokenArray } from "../../data/batches.ts";
import type { Model } from "../../model/model.ts";
import { parseLevels, type SubNetworkSearchConfig } from "../sub_network_config.ts";
import { DivergenceJudge } from "./divergence.ts";
import type { Judge } from "./judge.ts";
import { LossJudge } from "./loss.ts";
import { RepairedJudge } from "./repaired.ts";
import { TrainedJudge } from "./trained.ts";

/** A judge and its ladder. */
export interface ChosenJudge {
  readonly judge: Judge;
  /** Tokens of each level: of calibration, or of training where students are trained. */
  readonly levels: readonly number[];
  /** Calibration tokens of the first level. */
  readonly calibration: number;
}

/** Fields of a search that choose a judge. */
type Choice = Pick<
  SubNetworkSearchConfig,
  "fitness" | "calibrationTokens" | "trainingTokens" | "trainingLr" | "seed"
>;

/**
 * Makes the judge that a search asks for.
 *
 * @throws {UsageError} If a ladder is none.
 * @throws {RangeError} If a ladder does not fit the text.
 */
export async function judgeOf(teacher: Model, config: Choice, tokens: TokenArray): Promise<ChosenJudge> {
  const { sequence } = teacher.config;
  const levels = parseLevels(config.calibrationTokens, "--calibration-tokens", tokens.length);
  const calibration = levels[0]!;
  if (config.fitness === "loss") {
    return { judge: new LossJudge(teacher, { tokens, sequence, levels }), levels, calibration };
  }
  if (config.fitness === "kl") {
    return { judge: await DivergenceJudge.create(teacher, { tokens, sequence, levels }), levels, calibration };
  }
  if (config.fitness === "repaired") {
    return { judge: await RepairedJudge.create(teacher, { tokens, sequence, levels }), levels, calibration };
  }
  return trainedJudgeOf(teacher, config, tokens);
}

/** Makes a judge that trains, whatever the search itself is judged by. */
export function trainedJudgeOf(teacher: Model, config: Omit<Choice, "fitness">, tokens: TokenArray): ChosenJudge {
  const { sequence } = teacher.config;
  const { trainingLr: lr, seed } = config;
  const levels = parseLevels(config.trainingTokens, "--training-tokens", tokens.length);
  const calibrationTokens = parseLevels(config.calibrationTokens, "--calibration-tokens", tokens.length).at(-1)!;
  const judge = new TrainedJudge(teacher, { tokens, sequence, levels, calibrationTokens, lr, seed });
  return { judge, levels, calibration: calibrationTokens };
}
