/**
 * Whether what a search judges by says anything of the loss after training.
 *
 * @module
 */

import type { TokenArray } from "../data/batches.ts";
import type { Model } from "../model/model.ts";
import { trainedJudgeOf } from "./judges/mod.ts";
import { type RankCorrelation, rankCorrelation } from "./rank_correlation.ts";
import { StudentObjective } from "./student_objective.ts";
import type { SubNetworkSearchConfig } from "./sub_network_config.ts";
import { highestOf, type SubNetworkRow } from "./sub_network_row.ts";

/** Fewer say nothing of an order. */
const FEWEST = 3;

/** A candidate that was trained to see what its fitness was worth. */
export interface TrainedCandidate {
  /** SHA-256 of the sub-network's one text. */
  readonly hash: string;
  /** What the search judged it by. */
  readonly fitness: number;
  /** Its loss after training, in nats a token, on text that was not trained on. */
  readonly trained: number;
}

/** How fitness and loss after training agree. */
export interface TrainingCorrelation extends RankCorrelation {
  /** Tokens that each was trained on. */
  readonly trainingTokens: number;
  /** Those that were trained, in the order of their fitness. */
  readonly candidates: readonly TrainedCandidate[];
  /** FLOPs that this took. */
  readonly flops: number;
}

/** What candidates are trained with. */
export interface TrainingCorrelationOptions {
  /** The settings of the search; training takes the last rung of its ladder of training tokens. */
  readonly config: SubNetworkSearchConfig;
  /** Text of the search. */
  readonly tokens: TokenArray;
  /** Candidates to train; at least 3. */
  readonly count: number;
}

/**
 * Trains some of a search's candidates for a short while, all on the same batches, and correlates the ranks of their
 * fitnesses with those of their losses. The candidates are spread evenly over the order of fitness, from the best to the
 * worst of the highest rung.
 *
 * @param rows Of the search.
 * @throws {RangeError} If there are fewer than 3 candidates, or none is better than another.
 */
export async function correlateWithTraining(
  teacher: Model,
  rows: readonly SubNetworkRow[],
  { config, tokens, count }: TrainingCorrelationOptions,
): Promise<TrainingCorrelation> {
  const ordered = highestOf(rows).sort((a, b) => a.fitness - b.fitness);
  const size = Math.min(count, ordered.length);
  if (size < FEWEST) {
    throw new RangeError(
      `Cannot correlate fitness with loss after training: at least ${FEWEST} candidates of the highest rung must be ` +
        `trained, found ${size}; ask for more, or search longer`,
    );
  }
  const chosen = Array.from({ length: size }, (_, i) => ordered[Math.round(i * (ordered.length - 1) / (size - 1))]!);
  const { judge, levels } = trainedJudgeOf(teacher, config, tokens);
  const objective = new StudentObjective(teacher, judge, config);
  const level = levels.length - 1;
  const losses = await objective.evaluate(chosen.map(({ genotype }) => genotype), level);
  return {
    ...rankCorrelation(chosen.map(({ fitness }) => fitness), losses),
    trainingTokens: levels[level]!,
    candidates: chosen.map(({ hash, fitness }, i) => ({ hash, fitness, trained: losses[i]! })),
    flops: chosen.reduce((sum, { genotype }) => sum + objective.price(genotype, level), 0),
  };
}
