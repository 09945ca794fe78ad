/**
 * The config of a pretraining run, from whatever was given: a partial object, a file, flags.
 *
 * @module
 */

import { fieldsOf } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { flagNames, type NameOf, refuseUnknown, validate } from "../cli/validate.ts";
import { isObject, show } from "../unknown.ts";
import { derive } from "./config_derive.ts";
import { checkRules } from "./config_rules.ts";
import { type PretrainConfig, pretrainSchema, shapeFields } from "./config_schema.ts";

export { explain, modelConfig, stepOptions } from "./config_derive.ts";
export {
  type DerivedField,
  type PretrainConfig,
  type PretrainFields,
  type PretrainOptions,
  pretrainSchema,
} from "./config_schema.ts";

/** Where else a config's fields come from, besides the object itself. */
export interface ConfigSources {
  /** The parsed config file; its fields replace those of the object. */
  readonly file?: unknown;
  /** Fields from the command line; they replace those of the file. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

interface Layer {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly nameOf: NameOf;
}

const asGiven: NameOf = (field) => `'${field}'`;
const inFile: NameOf = (field) => `'${field}' in the config file`;
const asFlag = flagNames();

/**
 * Completes and checks a config: preset, then `input`, then the config file, then the flags; each overrides those
 * before.
 *
 * A resolved config resolves to itself, so one read back from a run directory describes the same run. Of `steps` and
 * `tokens` the source that comes last decides; where a later source changes the size of a batch, `tokens` stays.
 *
 * @throws {UsageError} For an unknown field (with the nearest known name), a wrong type, or fields that contradict.
 */
export function resolveConfig(input: unknown = {}, { file = {}, flags = {} }: ConfigSources = {}): PretrainConfig {
  const layers: Layer[] = [
    { fields: fieldsIn(input, "config"), nameOf: asGiven },
    { fields: fieldsIn(file, "config file"), nameOf: inFile },
    { fields: fieldsIn(flags, "flags"), nameOf: asFlag },
  ];
  const merged: Record<string, unknown> = {};
  const origins = new Map<string, NameOf>();
  for (const { fields, nameOf } of layers) {
    refuseStalePreset(fields, merged, nameOf);
    dropStaleBudget(fields, merged);
    for (const [field, value] of Object.entries(fields)) {
      if (!Object.hasOwn(pretrainSchema.shape, field)) {
        refuseUnknown(field, fieldsOf(pretrainSchema), "field", nameOf);
      }
      merged[field] = value;
      origins.set(field, nameOf);
    }
  }
  // What was not given is named as the user would give it.
  const otherwise = Object.keys(flags).length > 0 ? asFlag : asGiven;
  const nameOf: NameOf = (field) => (origins.get(field) ?? otherwise)(field);
  const given = validate(pretrainSchema, merged, nameOf);
  const config = derive(given);
  checkRules(config, given, nameOf);
  return config;
}

function fieldsIn(value: unknown, what: string): Record<string, unknown> {
  if (!isObject(value)) {
    throw new UsageError(`Cannot use the ${what}: must be an object with named fields, found ${show(value)}`);
  }
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined));
}

/** Steps, tokens and the size of a batch bind one another: what a later source says frees what earlier ones said. */
function dropStaleBudget(fields: Layer["fields"], before: Record<string, unknown>): void {
  const given = (field: string) => field in fields;
  if (given("steps") && !given("tokens")) delete before.tokens;
  if (given("tokens") && !given("steps")) delete before.steps;
  if ((given("batch") || given("sequence")) && "tokens" in before) delete before.steps;
}

/** A preset chosen over an earlier one would be of no effect on the shape that came with the earlier one. */
function refuseStalePreset(fields: Layer["fields"], before: Layer["fields"], nameOf: NameOf): void {
  const { preset } = fields;
  if (preset === undefined || before.preset === undefined || preset === before.preset) return;
  const fixed = shapeFields.filter((field) => (before[field] ?? "auto") !== "auto" && fields[field] === undefined);
  if (fixed.length === 0) return;
  throw new UsageError(
    `Cannot use ${nameOf("preset")} (${preset}): a config for preset ${before.preset} already fixes ` +
      `${fixed.join(", ")}; remove those there, or give them too ("auto" for the preset's)`,
  );
}
