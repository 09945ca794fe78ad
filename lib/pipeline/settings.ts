/**
 * The settings of a run beside their defaults.
 *
 * @module
 */

import { type PretrainOptions, resolveConfig } from "../train/config.ts";
import { recipeFor } from "./config.ts";
import { pipelineSchema } from "./config_schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields that say where something lies and how it is shown. */
export const OF_THE_CALL: readonly string[] = ["resume", "quiet", "profile", "dryRun", "name", "out"];

/** Settings as rows of text. */
export interface SettingRows {
  /** Field, value and default of those that differ. */
  readonly changed: string[][];
  /** Field and value of all. */
  readonly all: string[][];
}

/**
 * Sets the settings of a run beside the defaults: those of its preset, or those of the recipe where its student was cut
 * out of a teacher. What follows from other settings has no default of its own there.
 */
export function settingsOf(config: Fields, pipeline: Fields | undefined): SettingRows {
  const settings = pipeline ?? config;
  const { teacher, cutFrom = teacher } = settings;
  const defaults: Fields = pipeline
    ? { ...pipelineSchema.parse({}), ...recipeFor({}, String(teacher), String(cutFrom)) }
    : { ...resolveConfig({ preset: config.preset } as PretrainOptions) };
  const shown = Object.entries(settings).filter(([field]) => !OF_THE_CALL.includes(field));
  const write = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return {
    changed: shown
      .filter(([field, value]) => defaults[field] !== "auto" && defaults[field] !== value)
      .map(([field, value]) => [field, write(value), write(defaults[field])]),
    all: shown.map(([field, value]) => [field, write(value)]),
  };
}
