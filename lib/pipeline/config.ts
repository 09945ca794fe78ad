/**
 * The settings of a pipeline: one object that repeats it.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { type NameOf, validate } from "../cli/validate.ts";
import { toFlag } from "../cli/fields.ts";
import { type SubNetworkSearchConfig, subNetworkSearchSchema } from "../search/sub_network_config.ts";
import type { ConfigSources, PretrainConfig, PretrainOptions } from "../train/config.ts";
import { distillationFields, shapeFields } from "../train/config_schema.ts";
import { configOfFolder, type Initial } from "../train/initial.ts";
import { countParameters } from "../model/parameters.ts";
import { parseBudget } from "../subnet/budget.ts";
import { ownFields, type PipelineFields, type PipelineOptions, pipelineSchema } from "./config_schema.ts";
import { type Decision, isCutOut } from "./decide.ts";
import { SEARCH, TRAINING } from "./recipe.ts";

/** The shape, which the student has from its teacher, and what follows from it. */
const OF_THE_STUDENT = [...shapeFields.filter((field) => field !== "sequence"), "preset", "microBatch"] as const;

/** All that a pipeline depends on: its training's fields without the student's shape, and its own. */
export type PipelineConfig =
  & Omit<PretrainConfig, typeof OF_THE_STUDENT[number]>
  & Pick<PipelineFields, typeof ownFields[number]>
  & { readonly microBatch?: number };

type Layer = Readonly<Record<string, unknown>>;

/** Takes the fields of a run out of what was given to a pipeline. */
export function forRun(layer: unknown): PretrainOptions {
  const own: readonly string[] = ownFields;
  const entries = Object.entries(layer as Layer ?? {}).filter(([field, value]) =>
    field === "init" ? typeof value === "string" && value !== "auto" && !isCutOut(value) : !own.includes(field)
  );
  return Object.fromEntries(entries.filter(([field, value]) => field !== "teacher" || value !== "auto"));
}

/** Takes the fields of a run out of all layers. */
export function layersForRun({ file, flags }: ConfigSources): ConfigSources {
  return { ...(file !== undefined && { file: forRun(file) }), ...(flags && { flags: forRun(flags) as Layer }) };
}

/**
 * Completes and checks the settings of a pipeline before anything is spent.
 *
 * @param model What the student is cut out of, in its folder.
 * @throws {UsageError} For an unknown field, a wrong type, or fields that contradict.
 */
export function resolvePipeline(
  options: PipelineOptions,
  sources: ConfigSources,
  { teacher, init }: Decision,
  model: Initial,
): PipelineConfig {
  const own = resolveOwn(options, sources);
  const { microBatch } = given(options, sources);
  const { folder } = model;
  // It stands in for a student that is not found yet, and for its teacher.
  const stand = { init: folder, teacher: teacher === "none" ? "none" : folder };
  const run = configOfFolder(
    model,
    { ...recipeFor(options, teacher, folder), ...forRun(options), ...stand },
    layersForRun(sources),
  );
  checkParams(own.params, countParameters(model.config));
  const training = Object.fromEntries(
    Object.entries(run).filter(([field]) => !(OF_THE_STUDENT as readonly string[]).includes(field)),
  ) as Omit<PretrainConfig, typeof OF_THE_STUDENT[number]>;
  return {
    ...{ ...training, teacher, ...own, cutFrom: folder, init },
    ...(typeof microBatch === "number" && { microBatch }),
  };
}

/** Merges all layers, without a check. */
export function given(options: PipelineOptions, { file = {}, flags = {} }: ConfigSources): PipelineOptions {
  const all = Object.entries({ ...options, ...file as PipelineOptions, ...flags });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** Returns the settings of the search that a pipeline makes. */
export function searchConfig(config: PipelineConfig): SubNetworkSearchConfig {
  const { params, space, method, evaluations, fitness, importance, seed } = config;
  return subNetworkSearchSchema.parse({
    ...SEARCH,
    ...{ params, space, method, evaluations, fitness, importance, seed },
  });
}

function resolveOwn(options: PipelineOptions, { file = {}, flags = {} }: ConfigSources) {
  const layers: [unknown, NameOf][] = [
    [options, (field) => `'${field}'`],
    [file, (field) => `'${field}' in the config file`],
    [flags, (field) => `--${toFlag(field)}`],
  ];
  const merged: Record<string, unknown> = {};
  const origins = new Map<string, NameOf>();
  for (const [layer, nameOf] of layers) {
    for (const field of ownFields) {
      const value = (layer as Layer)[field];
      if (value === undefined) continue;
      merged[field] = value;
      origins.set(field, nameOf);
    }
  }
  const all = validate(pipelineSchema, merged, (field) => (origins.get(field) ?? layers[2]![1])(field));
  return Object.fromEntries(ownFields.map((field) => [field, all[field]])) as Pick<
    PipelineFields,
    typeof ownFields[number]
  >;
}

/**
 * The recipe's training, as far as it applies: given steps take the place of its tokens, lessons need a teacher, and that
 * of hidden states the model that the student is cut out of.
 */
export function recipeFor({ steps }: PipelineOptions, teacher: string, cutFrom: string): PretrainOptions {
  const fields = Object.entries(TRAINING).filter(([field]) =>
    !(field === "tokens" && steps !== undefined) &&
    !(field === "gamma" && teacher !== cutFrom) &&
    !(teacher === "none" && (distillationFields as readonly string[]).includes(field))
  );
  return Object.fromEntries(fields);
}

/** Refuses what is no number of parameters, before a search would. */
function checkParams(params: string, full: number): void {
  try {
    parseBudget(params, full);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace("the budget", "--params"));
  }
}
