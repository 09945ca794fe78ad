/**
 * The settings of a study: one schema for names, defaults, limits and descriptions.
 *
 * @module
 */

import { z } from "zod";
import { deviceFields } from "../cli/device_fields.ts";
import { field, group } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { DEFAULT_PARAMS, fitnesses } from "../search/sub_network_config.ts";
import { show } from "../unknown.ts";
import { type LessonName, lessonNames, parseNames, type StartName, startNames } from "./arms.ts";

const text = z.string().min(1);
const count = z.int().min(1);

const study = group("Study", {
  out: field(text.default("studies/first"), "directory of the study; one that was begun is gone on with"),
  teacher: field(text.default("fixtures/teacher"), "Hugging Face folder of the teacher"),
  quick: field(z.boolean().default(false), "one seed, three starts, budgets of a few steps: shows that all parts work"),
  quiet: field(z.boolean().default(false), "print only what is not as it should be, and the tables"),
});

const grid = group("Grid of this call; results of earlier ones are kept", {
  starts: field(text.default(startNames.join(",")), `where weights come from, joined by commas: ${startNames}`),
  lessons: field(text.default("plain,online,store"), `how students are taught, joined by commas: ${lessonNames}`),
  seeds: field(text.default("1,2,3"), "seeds of batches, drawn weights and searches, joined by commas"),
  steps: field(text.default("176,704,2816"), "budgets in steps, joined by commas"),
  referenceSteps: field(text.default("11264"), "further budgets of the random start, or none"),
  referenceRates: field(
    text.default("tuned"),
    "rates that the random start tries at each budget on seed 1, where the best counts; tuned: that of the small budget",
  ),
});

const student = group("Students", {
  params: field(text.default(DEFAULT_PARAMS), "parameters, as a number or a share of the teacher's"),
  tolerance: field(text.default("2%"), "how far from that a student may be"),
  importance: field(z.enum(["activation", "taylor"]).default("activation"), "what says what matters in the teacher"),
  evaluations: field(count.default(64), "evaluations of a search"),
  fitness: field(z.enum(fitnesses).default("repaired"), "what a search judges by"),
  calibrationTokens: field(count.default(16_384), "text for importance and repair", { unit: "tokens" }),
});

const training = group("Training", {
  batch: field(count.default(8), "windows of the teacher's sequence a step"),
  rates: field(text.default("1e-3,2e-3,4e-3,8e-3"), "peak learning rates to choose from, for each arm the best"),
  tuningSteps: field(count.default(176), "budget, on the first seed, on which that is decided", { unit: "steps" }),
  alpha: field(z.number().min(0).default(0.3), "weight of the cross-entropy"),
  beta: field(z.number().min(0).default(0.7), "weight of the divergence times the squared temperature"),
  gamma: field(z.number().gt(0).default(1), "weight of the loss between hidden states, for the lesson hidden"),
  temperature: field(z.number().gt(0).default(1), "what logits are divided by in the divergence"),
  evalTokens: field(count.default(2 ** 20), "held-out text to measure on; all where there is less", { unit: "tokens" }),
  storeKind: field(z.enum(["top-k", "sampled"]).default("top-k"), "what the store keeps of a distribution"),
  storeEntries: field(count.default(16), "entries that it keeps of each position"),
  storeWindows: field(z.int().min(0).default(0), "windows that it keeps, those that seed 1 draws first", {
    zero: "all",
  }),
});

/** The one schema of a study. */
export const studySchema = z.strictObject({ ...study, ...grid, ...student, ...training, ...deviceFields });

/**
 * All settings, with defaults filled in.
 *
 * @internal
 */
export type StudyConfig = z.output<typeof studySchema>;

/** What a caller gives: any settings, the rest follow. `deno task reproduce --help` describes them. */
export type StudyOptions = { readonly [K in keyof StudyConfig]?: StudyConfig[K] | undefined };

/** Settings of one call, which do not change what a run of the study is. */
export const OF_THE_CALL = [
  ...[
    "out",
    "quick",
    "quiet",
    "starts",
    "lessons",
    "seeds",
    "steps",
    "referenceSteps",
    "referenceRates",
    "device",
    "threads",
  ],
] as readonly string[] as readonly (keyof StudyConfig)[];

/** What `--quick` changes. */
export const QUICK = {
  starts: "random,principal,evolved-coarse-layerwise",
  lessons: "plain,online,store",
  seeds: "1",
  steps: "2,4",
  referenceSteps: "8",
  evaluations: 16,
  calibrationTokens: 4096,
  rates: "4e-3",
  tuningSteps: 4,
  evalTokens: 8192,
  storeWindows: 64,
} as const satisfies Partial<StudyConfig>;

/** Fills in what `quick` changes, where nothing else is given. */
export function withQuick(options: StudyOptions): StudyOptions {
  return options.quick ? { ...QUICK, ...options } : options;
}

/** The lists that settings spell. */
export interface StudyGrid {
  readonly starts: readonly StartName[];
  readonly lessons: readonly LessonName[];
  readonly seeds: readonly number[];
  readonly steps: readonly number[];
  readonly referenceSteps: readonly number[];
  /** None for the tuned one. */
  readonly referenceRates: readonly number[];
  readonly rates: readonly number[];
}

/**
 * Reads the lists.
 *
 * @throws {UsageError} If a name is unknown or a number is none.
 */
export function gridOf(
  { starts, lessons, seeds, steps, referenceSteps, referenceRates, rates }: StudyConfig,
): StudyGrid {
  return {
    starts: parseNames(starts, startNames, "--starts"),
    lessons: parseNames(lessons, lessonNames, "--lessons"),
    seeds: parseNumbers(seeds, "--seeds", isSeed, "a whole number from 0 to 4294967295"),
    steps: parseNumbers(steps, "--steps", isCount, "a whole number above 0"),
    referenceSteps: referenceSteps === "none"
      ? []
      : parseNumbers(referenceSteps, "--reference-steps", isCount, "a whole number above 0"),
    referenceRates: referenceRates === "tuned" ? [] : parseNumbers(referenceRates, "--reference-rates", ...RATE),
    rates: parseNumbers(rates, "--rates", ...RATE),
  };
}

const RATE = [(rate: number) => rate > 0 && Number.isFinite(rate), "a number above 0"] as const;

function isSeed(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function parseNumbers(list: string, flag: string, fits: (value: number) => boolean, rule: string): number[] {
  const numbers = list.split(",").map((each) => {
    const value = each.trim() === "" ? NaN : Number(each);
    if (fits(value)) return value;
    throw new UsageError(`Cannot use ${flag}: each must be ${rule}, found ${show(each)}; join them by commas`);
  });
  return [...new Set(numbers)];
}
