/**
 * The loss of an untrained student on calibration text, as an objective.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import { Evaluator } from "../evaluate/loss.ts";
import type { Model } from "../model/model.ts";
import { subNetworkForwardFlopsPerToken } from "../subnet/counts.ts";
import { extract } from "../subnet/extract.ts";
import type { HeadOptions } from "../subnet/student_config.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import type { Objective } from "./problem.ts";

/** What students are judged on. */
export interface StudentLossOptions extends HeadOptions {
  /** Calibration text; not what models are compared on in the end. */
  readonly tokens: TokenArray;
  /** Tokens a window. */
  readonly sequence: number;
  /** Tokens of each level: at most so many are read, in whole windows that are spread evenly over the text. */
  readonly levels: readonly number[];
  /** Windows of one pass, at most. @default {16} */
  readonly batch?: number;
}

/**
 * Judges sub-networks of a teacher by the mean cross-entropy, in nats a token, of the students that they are before any
 * training.
 */
export class StudentLoss implements Objective<SubNetwork> {
  readonly #teacher: Model;
  readonly #options: StudentLossOptions;

  /**
   * Prepares the objective; the teacher stays the caller's.
   *
   * @throws {RangeError} If a level has no whole window, levels do not grow, or the text has fewer tokens.
   */
  constructor(teacher: Model, options: StudentLossOptions) {
    const { levels, sequence, tokens } = options;
    const refuse = (rule: string, found: unknown) => {
      throw new RangeError(`Cannot judge students: calibration tokens must be ${rule}, found ${found}`);
    };
    if (levels.length === 0) refuse("given", "none");
    levels.forEach((level, i) => {
      if (!(level >= sequence)) refuse(`at least one window of ${sequence}`, level);
      if (i > 0 && level <= levels[i - 1]!) refuse("more at each level", levels.join(", "));
      if (level >= tokens.length) refuse(`fewer than the text's ${tokens.length}`, level);
    });
    this.#teacher = teacher;
    this.#options = options;
  }

  /** Extracts each student and measures its loss. */
  async evaluate(candidates: readonly SubNetwork[], level: number): Promise<number[]> {
    const losses: number[] = [];
    for (const candidate of candidates) losses.push(await this.#lossOf(candidate, level));
    return losses;
  }

  /** Counts the FLOPs of a student's forward pass over the tokens of a level. */
  price(candidate: SubNetwork, level: number): number {
    const { sequence, levels } = this.#options;
    const tokens = Math.floor(levels[level]! / sequence) * sequence;
    return tokens * subNetworkForwardFlopsPerToken(candidate, this.#teacher.config, sequence);
  }

  async #lossOf(candidate: SubNetwork, level: number): Promise<number> {
    const { tokens, sequence, levels, batch: most = 16, ...heads } = this.#options;
    const limit = levels[level]!;
    using student = await extract(this.#teacher, candidate, heads);
    using evaluator = await Evaluator.create(student, {
      ...{ tokens, sequence, limit, bytesPerToken: 1 },
      batch: largestDivisor(Math.floor(limit / sequence), most),
    });
    return (await evaluator.evaluate()).loss;
  }
}

/** Returns the largest divisor of a count up to a limit, so that batches of one size hold all windows. */
function largestDivisor(count: number, most: number): number {
  let divisor = Math.min(count, most);
  while (count % divisor !== 0) divisor--;
  return divisor;
}
