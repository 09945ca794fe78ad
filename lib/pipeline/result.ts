/**
 * What a run reached, as `result.json` holds it.
 *
 * @module
 */

import { counted, formatCount } from "../units.ts";
import { formatDuration } from "../cli/progress.ts";
import { type CostEntry, describeCosts, totalOf } from "./costs.ts";
import type { Reference } from "./reference.ts";

/** How well a model predicts held-out text. */
export interface Score {
  /** In nats a token. */
  readonly loss: number;
  /** `exp(loss)`. */
  readonly perplexity: number;
  /** The loss per byte of text, in bits; it alone compares across tokenizers. */
  readonly bitsPerByte: number;
  /** Parameters of the model, where it is one. */
  readonly parameters?: number;
}

/** A text that a model wrote. */
export interface Sample {
  /** Who wrote it. */
  readonly model: "student" | "teacher";
  /** What it was given. */
  readonly prompt: string;
  /** What it wrote after that. */
  readonly text: string;
}

/** What a run reached. */
export interface Result {
  /** Tokens that the student was trained on. */
  readonly tokens: number;
  /** Held-out tokens that it was judged on. */
  readonly heldOut: number;
  /** The student at the end. */
  readonly student: Score;
  /** The student before its training, if it was cut out of a teacher. */
  readonly inherited?: Score;
  /** What it was cut out of on the same text, where that is not its teacher. */
  readonly source?: Score;
  /** Its teacher on the same text, if there is one that is not a store of another model. */
  readonly teacher?: Score;
  /** What token frequencies and an interpolated bigram model reach on the whole held-out text. */
  readonly baselines: Readonly<Record<"unigram" | "bigram", Omit<Score, "perplexity" | "parameters">>>;
  /** What a random start reached in the shipped study. */
  readonly reference?: Reference;
  /** What all of it took, in the order of the stages. */
  readonly costs: readonly CostEntry[];
  /** Texts by the student and, if there is one, its teacher. */
  readonly samples: readonly Sample[];
}

/** What a result's `source` is called. */
export const SOURCE = "the model it was cut out of";

/** Says what was reached and what it cost, a line each. */
export function describeResult({ tokens, heldOut, student, inherited, source, teacher, ...rest }: Result): string[] {
  const { baselines: { bigram }, reference, costs } = rest;
  const size = ({ parameters }: Score) => `${formatCount(parameters!)} parameters`;
  const bits = ({ bitsPerByte }: { readonly bitsPerByte: number }) => bitsPerByte.toFixed(3);
  const model = (name: string, score: Score | undefined) =>
    score ? [`${name} ${score.loss.toFixed(3)} (${bits(score)}, ${size(score)})`] : [];
  const others = [
    ...(inherited ? [`before training ${inherited.loss.toFixed(3)} (${bits(inherited)})`] : []),
    `a bigram model ${bigram.loss.toFixed(3)} (${bits(bigram)})`,
    ...model(SOURCE, source),
    ...model("the teacher", teacher),
  ];
  const { seconds } = totalOf(costs);
  return [
    `student: ${student.loss.toFixed(3)} nats a token, perplexity ${student.perplexity.toFixed(1)}, ` +
    `${bits(student)} bits per byte on ${formatCount(heldOut)} held-out tokens, ${size(student)}`,
    `on the same text: ${others.join(", ")}`,
    ...(reference ? [describeReference(reference)] : []),
    `cost: ${describeCosts(costs)}, ${formatDuration(seconds)} minutes, for ${formatCount(tokens)} training tokens`,
  ];
}

/** Says what a random start reached, and where that is known from. */
export function describeReference(
  { arm, parameters, tokens, loss, deviation, seeds, source }: Reference,
): string {
  const spread = deviation === undefined ? "" : ` +- ${deviation.toFixed(3)}`;
  return `a ${arm} start of ${formatCount(parameters)} parameters had reached ${
    loss.toFixed(3)
  }${spread} nats a token ` +
    `with ${formatCount(tokens)} tokens (${counted(seeds, "seed")}), in the shipped study, ${source}`;
}
