/**
 * The rules that bind several fields of a config.
 *
 * @module
 */

import type { NameOf } from "../cli/validate.ts";
import { UsageError } from "../cli/usage_error.ts";
import { checkConfig, type GPTNeoXConfig } from "../model/config.ts";
import { modelConfig } from "./config_derive.ts";
import { distillationFields, type PretrainConfig, type PretrainFields, pretrainSchema } from "./config_schema.ts";
import { coefficientsOf, comparesHidden, decaySteps, taughtSteps, warmupSteps } from "./schedule.ts";

/** A byte-level vocabulary holds every byte and the end-of-text token. */
const SMALLEST_VOCABULARY = 257;

/**
 * Refuses a config that contradicts itself.
 *
 * @param given The fields as given, before the preset decided the rest.
 * @param nameOf How fields are called in errors.
 * @throws {UsageError} With the first rule that is broken, the value found and the way out.
 */
export function checkRules(config: PretrainConfig, given: PretrainFields, nameOf: NameOf): void {
  for (const rule of rules) {
    const broken = rule(config, given, nameOf);
    if (broken) throw new UsageError(broken);
  }
  // The model of a folder was checked when it was read, and may have blocks that the config cannot name.
  if (config.init !== "random") return;
  // The model's own check quotes the names itself.
  const unquoted = (field: keyof GPTNeoXConfig) => nameOf(renamed[field] ?? field).replaceAll("'", "");
  try {
    // Query groups have a rule above; a model with them has blocks, which no field names.
    checkConfig(modelConfig({ ...config, queryGroups: config.heads }), unquoted);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${error.message}; change that, or leave the fields out for the preset's`);
  }
}

const renamed: Readonly<Partial<Record<keyof GPTNeoXConfig, keyof PretrainConfig>>> = { vocabularySize: "vocabulary" };

const DEFAULTS = pretrainSchema.parse({});

type Rule = (config: PretrainConfig, given: PretrainFields, nameOf: NameOf) => string | false;

const rules: readonly Rule[] = [
  ({ resume, init }, _, nameOf) =>
    resume !== "" && init !== "random" &&
    `Cannot use ${nameOf("init")} with ${nameOf("resume")}: a resumed run has its weights, found "${init}" and ` +
      `"${resume}"; drop one`,

  ({ heads, queryGroups }, _, nameOf) =>
    heads % queryGroups !== 0 &&
    `Cannot use ${nameOf("queryGroups")}: must be a divisor of ${nameOf("heads")} = ${heads}, found ${queryGroups}; ` +
      `change either, or leave ${nameOf("queryGroups")} out`,

  // A folder's weights bring their own tokenizer, and so does a teacher.
  ({ tokenizer, init, teacher, vocabulary }, _, nameOf) =>
    tokenizer === "train" && init === "random" && teacher === "none" && vocabulary < SMALLEST_VOCABULARY &&
    `Cannot use ${nameOf("vocabulary")}: must be at least ${SMALLEST_VOCABULARY} (256 bytes and the end of text), ` +
      `found ${vocabulary}; raise it, or give a ${nameOf("tokenizer")} that is smaller`,

  ({ batch, microBatch }, _, nameOf) =>
    batch % microBatch !== 0 &&
    `Cannot use ${nameOf("batch")}: must be a multiple of ${nameOf("microBatch")} = ${microBatch}, found ${batch}; ` +
      `change either, or leave ${nameOf("microBatch")} out`,

  ({ batch, sequence }, { tokens }, nameOf) =>
    tokens !== "auto" && tokens < batch * sequence &&
    `Cannot use ${nameOf("tokens")}: must be at least one batch of ${batch} x ${sequence} = ${batch * sequence}, ` +
      `found ${tokens}; raise it, or lower ${nameOf("batch")}`,

  ({ batch, sequence }, { tokens, steps }, nameOf) =>
    tokens !== "auto" && steps !== "auto" && Math.floor(tokens / (batch * sequence)) !== steps &&
    `Cannot use ${nameOf("steps")} with ${nameOf("tokens")}: ${steps} steps of ${batch} x ${sequence} are ` +
      `${steps * batch * sequence} tokens, found ${tokens}; give one of the two`,

  (config, _, nameOf) => {
    const warmup = warmupSteps(config.steps, config);
    if (!Number.isInteger(warmup)) {
      return `Cannot use ${nameOf("warmup")}: must be a share below 1 or a whole number of steps, found ${warmup}`;
    }
    const decay = decaySteps(config.steps, config);
    const what = decay ? `${warmup} steps with the ${decay} of ${nameOf("decayShare")}` : `${warmup} steps`;
    const broken = warmup > 0 && warmup + decay >= config.steps + (decay ? 1 : 0);
    return broken && `Cannot use ${nameOf("warmup")}: must leave part of the ${config.steps} steps, found ${what}; ` +
        `lower it, or raise ${nameOf("steps")}`;
  },

  (config, _, nameOf) => {
    if (config.teacher !== "none") return false;
    const field = distillationFields.find((field) => config[field] !== DEFAULTS[field]);
    return field !== undefined &&
      `Cannot use ${nameOf(field)}: it must have a ${nameOf("teacher")}, found ${
          config[field]
        } and none; give one, or ` +
        "leave it out";
  },

  (config, _, nameOf) =>
    config.teacher !== "none" && taughtSteps(config) < 1 &&
    `Cannot use ${nameOf("distilUntil")}: must be at least half of one of the ${config.steps} steps, found ` +
      `${config.distilUntil}; raise it, or leave ${nameOf("teacher")} out`,

  (config, _, nameOf) => {
    if (config.teacher === "none") return false;
    // Between its ends a ramp is above the lower of them.
    const ends = [0, taughtSteps(config) - 1].map((step) => coefficientsOf(step, config)!);
    return ends.some(({ alpha, beta, gamma }) => alpha === 0 && beta === 0 && gamma === 0) &&
      `Cannot use ${nameOf("alpha")} with ${nameOf("beta")}: one of them, or ${nameOf("gamma")}, must be above 0 in ` +
        `every step, found ${config.alpha} and ${config.beta}; raise one`;
  },

  (config, _, nameOf) => {
    if (comparesHidden(config)) return false;
    const field = (["hidden", "layerMap"] as const).find((field) => config[field] !== DEFAULTS[field]);
    return field !== undefined &&
      `Cannot use ${nameOf(field)}: it must have a ${nameOf("gamma")} above 0, found ${config[field]} and ` +
        `${config.gamma}; give one, or leave it out`;
  },

  ({ evalTokens, sequence }, _, nameOf) =>
    evalTokens < sequence &&
    `Cannot use ${nameOf("evalTokens")}: must be at least ${nameOf("sequence")} = ${sequence}, found ${evalTokens}; ` +
      `raise it, or leave it out`,
];
