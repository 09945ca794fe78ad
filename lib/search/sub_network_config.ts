/**
 * The settings of a search for a sub-network: one schema for names, defaults, limits and descriptions.
 *
 * @module
 */

import { z } from "zod";
import { field, group, toFlag } from "../cli/fields.ts";
import { headFields } from "../cli/head_fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { parseBudget } from "../subnet/budget.ts";
import { searchSpaceNames } from "../subnet/search_space.ts";
import { type DimensionName, dimensionNames } from "../subnet/sizes.ts";
import { show } from "../unknown.ts";
import { methodNames } from "./methods.ts";

/** The bin where none is given: a quarter of the teacher's parameters. */
export const DEFAULT_PARAMS = "0.25x";

const text = z.string().min(1);
const count = z.int().min(1);
const rate = z.number().min(0).max(1);

/** What sub-networks are judged by. */
export type FitnessName = "loss" | "kl" | "repaired" | "trained";

/** All that sub-networks can be judged by. */
export const fitnesses = ["loss", "kl", "repaired", "trained"] as const satisfies readonly FitnessName[];

/** The fields by their headings in help. */
export const subNetworkSearchSchema = z.strictObject({
  ...group("Space", {
    space: field(z.enum(searchSpaceNames).default("fine-layerwise"), "which sub-networks are chosen from"),
    fixed: field(text.default("headDims"), `dimensions kept whole, joined by commas (${dimensionNames}), or none`),
    steps: field(z.string().default(""), "sizes are multiples of these, such as width=4,mlp=4; others as in the space"),
    pairs: field(z.boolean().default(false), "heads may drop rotary pairs, where fixed leaves headDims out"),
    ...headFields,
  }),
  ...group("Bin", {
    params: field(
      text.optional(),
      `parameters, as a number or a share; ${DEFAULT_PARAMS} where no other budget is given`,
    ),
    budgetFlops: field(text.optional(), "forward FLOPs a token in place of parameters, as a number or a share"),
    latency: field(text.optional(), "predicted milliseconds of a pass in place of parameters: 3.2ms, or a share"),
    tolerance: field(text.default("2%"), "how far from the budget a sub-network may be"),
  }),
  ...group("Search", {
    method: field(z.enum(methodNames as [string, ...string[]] as typeof methodNames).default("evolution"), "how"),
    population: field(z.int().min(2).default(16), "candidates of a generation"),
    elites: field(count.optional(), "candidates that survive a generation; a quarter of the population"),
    mutation: field(rate.default(0.5), "rate at which a child of two parents is mutated"),
    crossover: field(rate.default(0.5), "rate at which a child has two parents"),
    generations: field(count.optional(), "generations at most; as many as the other limits allow"),
    evaluations: field(count.default(200), "evaluations at most"),
    flops: field(z.number().gt(0).optional(), "FLOPs to spend on evaluations at most; no limit"),
    seed: field(z.int().min(0).max(2 ** 32 - 1).default(1), "seed of all draws"),
  }),
  ...group("Judging and first candidates", {
    fitness: field(
      z.enum(fitnesses).default("loss"),
      "judge untrained students by their loss or by their kl, the divergence from the teacher; or repaired or trained ones",
    ),
    trainingTokens: field(
      text.default("32k"),
      "tokens a student is trained on where it is; several joined by commas are climbed: 32k,128k",
    ),
    trainingLr: field(z.number().gt(0).default(1e-3), "peak learning rate of such a training"),
    calibrationTokens: field(
      text.default("4k"),
      "tokens to judge by, half of them to repair by if students are repaired; several joined by commas are climbed: 4k,16k",
    ),
    importance: field(
      z.enum(["activation", "taylor", "none"]).default("taylor"),
      "begin with what matters most by this",
    ),
    prefix: field(z.boolean().default(true), "begin with first indices too"),
    spaced: field(z.boolean().default(true), "begin with evenly spaced indices too"),
    proportional: field(
      z.boolean().default(false),
      "of each of these begin with one of the teacher's proportions, where the bin is of parameters and holds one",
    ),
  }),
});

/**
 * All settings, with defaults filled in.
 *
 * @internal
 */
export type SubNetworkSearchConfig = z.output<typeof subNetworkSearchSchema>;

/** What a caller gives: any settings, the rest have defaults. `deno task search --help` describes them. */
export type SubNetworkSearchOptions = {
  readonly [K in keyof SubNetworkSearchConfig]?: SubNetworkSearchConfig[K] | undefined;
};

/** The settings that a bin can be given by. */
const budgets = ["params", "budgetFlops", "latency"] as const satisfies readonly (keyof SubNetworkSearchConfig)[];

/** Tells whether a bin is given. */
export function hasBudget(settings: Readonly<Record<string, unknown>>): boolean {
  return budgets.some((name) => settings[name] !== undefined);
}

/**
 * Refuses a bin in two currencies.
 *
 * @throws {UsageError} If several budgets are given.
 */
export function checkOneBudget(settings: Readonly<Record<string, unknown>>): void {
  const [first, second] = budgets.filter((name) => settings[name] !== undefined);
  if (first === undefined || second === undefined) return;
  throw new UsageError(
    `Cannot use --${toFlag(first)} and --${toFlag(second)} together: the bin must be in one of them, found ` +
      `${show(settings[first])} and ${show(settings[second])}; leave one out`,
  );
}

/**
 * Reads a ladder of tokens.
 *
 * @param flag Where it is from, for errors.
 * @param available Tokens of the text, of which a rung may be a share.
 * @throws {UsageError} If a rung is no number of them.
 */
export function parseLevels(ladder: string, flag: string, available: number): number[] {
  return ladder.split(",").map((rung) => {
    try {
      return parseBudget(rung.trim(), available);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(error.message.replace("the budget", flag));
    }
  });
}

/**
 * Reads the dimensions that are kept whole.
 *
 * @throws {UsageError} If one has another name.
 */
export function parseFixed(fixed: string): DimensionName[] {
  if (fixed === "none") return [];
  return fixed.split(",").map((name) => dimensionOf(name.trim(), "--fixed"));
}

/**
 * Reads steps of sizes: `width=4,mlp=4`.
 *
 * @throws {UsageError} If one is no dimension with a whole number above 0.
 */
export function parseSteps(steps: string): Partial<Record<DimensionName, number>> {
  const parts = steps === "" ? [] : steps.split(",");
  return Object.fromEntries(parts.map((part) => {
    const [name = "", step = ""] = part.split("=");
    if (/^[1-9]\d{0,8}$/.test(step.trim())) return [dimensionOf(name.trim(), "--steps"), Number(step)];
    throw new UsageError(
      `Cannot use --steps: each must be a dimension with a whole number above 0, found ${show(part)}; ` +
        "write them like width=4,mlp=4",
    );
  }));
}

function dimensionOf(name: string, flag: string): DimensionName {
  const found = dimensionNames.find((known) => known === name);
  if (found) return found;
  throw new UsageError(
    `Cannot use ${flag}: dimensions must be among ${dimensionNames.join(", ")}, found ${show(name)}`,
  );
}
