/**
 * What the shipped study says of a student that was not cut out of a teacher.
 *
 * @module
 */

import { z } from "zod";
import { FileError } from "../io/file_error.ts";
import { readJson } from "../io/json.ts";
import { shipped } from "../io/shipped.ts";

/** Where the study's results lie, from the project's root. */
export const RESULTS = "fixtures/results/summary.json";

/** How far a budget or a student's size may be from the study's, as a share. */
const SAME_TOKENS = 0.03, SAME_SIZE = 0.05;

const count = z.int().min(1);
const summary = z.object({
  reference: z.string(),
  student_parameters: count,
  teacher_parameters: count,
  corpus: z.string(),
  arms: z.record(
    z.string(),
    z.object({
      seeds: z.union([count, z.array(z.unknown()).transform((seeds) => seeds.length)]),
      budgets: z.array(
        z.object({ tokens: count, loss_mean: z.number(), loss_std: z.number().nullish(), runs: count.optional() }),
      ),
    }),
  ),
});

/** What the study's reference reached with as many tokens. */
export interface Reference {
  /** The arm's name. */
  readonly arm: string;
  /** Parameters of its student, whose shape may be another one. */
  readonly parameters: number;
  /** Tokens that it was trained on. */
  readonly tokens: number;
  /** Its mean held-out loss, in nats a token. */
  readonly loss: number;
  /** The standard deviation between its seeds, if there are several. */
  readonly deviation?: number;
  /** How many runs that is the mean of. */
  readonly seeds: number;
  /** Where that stands. */
  readonly source: string;
}

/** What must be the same for a comparison to say anything. */
export interface Compared {
  readonly corpus: string;
  readonly tokens: number;
  readonly studentParameters: number;
  readonly teacherParameters: number;
}

/**
 * Finds what a random start of the same size reached with the same tokens.
 *
 * @param path The study's results. @default {those that come with the project}
 * @returns Nothing if there are none, or they are of another corpus, teacher, size or budget.
 * @throws {FileError} If the file holds something else.
 */
export async function findReference(compared: Compared, path?: string): Promise<Reference | undefined> {
  const source = path ?? await shipped(RESULTS);
  if (source === undefined) return undefined;
  const parsed = summary.safeParse(await readJson(source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FileError("read", source, `it must hold a study's results: ${issue!.path.join(".")}: ${issue!.message}`);
  }
  const { reference: arm, corpus, student_parameters, teacher_parameters, arms } = parsed.data;
  const found = arms[arm];
  const near = (value: number, wanted: number, share: number) => Math.abs(value / wanted - 1) <= share;
  if (!found || corpus !== compared.corpus || teacher_parameters !== compared.teacherParameters) return undefined;
  if (!near(compared.studentParameters, student_parameters, SAME_SIZE)) return undefined;
  const [budget] = found.budgets
    .filter(({ tokens }) => near(tokens, compared.tokens, SAME_TOKENS))
    .sort((a, b) => Math.abs(a.tokens - compared.tokens) - Math.abs(b.tokens - compared.tokens));
  if (!budget) return undefined;
  const { tokens, loss_mean: loss, loss_std: deviation, runs: seeds = found.seeds } = budget;
  return {
    ...{ arm, parameters: student_parameters, tokens, loss, ...(deviation != null && seeds > 1 && { deviation }) },
    ...{ seeds, source },
  };
}
