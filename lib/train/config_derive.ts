/**
 * One dial: how the preset decides every field that is not given, and why; and what a complete config describes.
 *
 * @module
 */

import { type BlockShape, queryGroupsOf } from "../model/block_shape.ts";
import { blockShapes, withQueryGroups } from "../model/blocks.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { countParameters } from "../model/parameters.ts";
import { type Preset, type PresetName, presets } from "../model/presets.ts";
import { formatBytes, formatCount } from "../units.ts";
import { MOST_PENDING } from "./clock.ts";
import { type DerivedField, derivedFields, type PretrainConfig, type PretrainFields } from "./config_schema.ts";
import { endsOf, moves, type Ramp } from "./ramp.ts";
import { comparesHidden, taughtSteps } from "./schedule.ts";
import type { StepOptions } from "./training_step.ts";

/** Budgets of the presets for machines without a GPU, in tokens: minutes on two cores. Others get 20 a parameter. */
const budgets: Readonly<Partial<Record<PresetName, number>>> = { small: 1_500_000, teacher: 1_000_000 };

const ACTIVATION_BYTES = 4 * 2 ** 30;
const VALIDATIONS = 10;

/** Returns the model that a config describes; a tokenizer's own end-of-text token is the caller's to set. */
export function modelConfig(config: PretrainConfig): GPTNeoXConfig {
  const { vocabulary, width, layers, heads, mlpWidth, sequence } = config;
  const { rotaryFraction, parallelResidual, tiedEmbeddings, activation } = config;
  const sizes = { vocabularySize: vocabulary, width, layers, heads, mlpWidth, sequence };
  const choices = { rotaryFraction, parallelResidual, tiedEmbeddings, activation };
  return withQueryGroups({ ...presetOf(config).config, ...sizes, ...choices }, config.queryGroups);
}

/** Returns the optimizer step that a config describes. */
export function stepOptions(config: PretrainConfig): StepOptions {
  const { microBatch, batch, sequence, clip, beta1, beta2, epsilon, weightDecay, dropout, seed } = config;
  const { divergence, divergenceWeight } = config;
  const update = { clip, beta1, beta2, epsilon, weightDecay };
  const distillation = { divergence, divergenceWeight, untaught: taughtSteps(config) < config.steps };
  return {
    ...{ microBatch, accumulation: batch / microBatch, sequence, ...update, dropout, seed, ...distillation },
    pending: MOST_PENDING,
  };
}

/** Decides every field that is still at "auto". */
export function derive(fields: PretrainFields): PretrainConfig {
  const config = { ...fields } as { -readonly [K in keyof PretrainConfig]: PretrainConfig[K] };
  for (const field of derivedFields) {
    if (fields[field] === "auto") Object.assign(config, { [field]: derivations[field](config).value });
    if (field === "steps" && fields.steps === "auto" && fields.tokens !== "auto") {
      config.steps = Math.floor(fields.tokens / (config.batch * config.sequence));
    }
  }
  config.tokens = config.steps * config.batch * config.sequence;
  return config;
}

/**
 * Says in lines of text what the preset decided and why, and where a given value took its place.
 *
 * @param model What is trained, where it is not the config that says it. @default {modelConfig(config)}
 *
 * @example
 * ```ts
 * import { explain, resolveConfig } from "./config.ts";
 *
 * for (const line of explain(resolveConfig({ preset: "small", lr: 2e-3 }))) console.log(line);
 * ```
 */
export function explain(config: PretrainConfig, model: GPTNeoXConfig = modelConfig(config)): string[] {
  const { layers, width, vocabularySize, sequence } = model;
  const blocks = blockShapes(model);
  const each = (size: (block: BlockShape) => number) => [...new Set(blocks.map(size))].join("/");
  const grouped = blocks.some((block) => queryGroupsOf(block) !== block.heads);
  const groups = grouped ? `, query groups ${each(queryGroupsOf)}` : "";
  const shape = `${layers} layers, width ${width}, ${each(({ heads }) => heads)} heads${groups}, MLP ` +
    `${each(({ mlpWidth }) => mlpWidth)}, vocabulary ${vocabularySize}`;
  const origin = config.init === "random" ? `preset ${config.preset}` : `the model in '${config.init}'`;
  const lines = [`${origin}: ${shape}, sequence ${sequence}; ${spell(countParameters(model))} parameters`];
  if (config.teacher !== "none") lines.push(explainTeacher(config));
  for (const field of derivedFields) {
    const { value, because }: Derived<unknown> = derivations[field](config);
    if (config[field] !== value) {
      const instead = because ? `${spell(value)}: ${because}` : `the preset's ${spell(value)}`;
      const who = field === "vocabulary" && config.teacher !== "none" ? "the teacher's" : "as asked";
      lines.push(`${field} ${spell(config[field])}: ${who}, instead of ${instead}`);
    } else if (because) lines.push(`${field} ${spell(value)}: ${because}`);
  }
  return lines;
}

function explainTeacher(config: PretrainConfig): string {
  const { teacher, alpha, beta, temperature, divergence, gamma, hidden, steps } = config;
  const taught = taughtSteps(config);
  const when = taught < steps ? `the first ${taught} of ${steps} steps, then cross-entropy alone` : "all steps";
  const [hard, soft, cooling] = [alpha, beta, temperature].map(spellRamp);
  const inner = comparesHidden(config) ? ` + ${spellRamp(gamma)} x ${hidden} of hidden states` : "";
  return `loss: ${hard} x cross-entropy + ${soft} x ${cooling}^2 x ${divergence}${inner} from the teacher in '${teacher}' ` +
    `at temperature ${cooling}, in ${when}`;
}

function spellRamp(ramp: Ramp): string {
  const { from, to } = endsOf(ramp);
  return moves(ramp) ? `(${from} to ${to})` : `${from}`;
}

/** A decided value, with the reason where it is not simply the preset's. */
interface Derived<V> {
  readonly value: V;
  readonly because?: string;
}

const derivations: { readonly [K in DerivedField]: (config: PretrainConfig) => Derived<PretrainConfig[K]> } = {
  vocabulary: (config) => ({ value: presetOf(config).config.vocabularySize }),
  width: (config) => ({ value: presetOf(config).config.width }),
  layers: (config) => ({ value: presetOf(config).config.layers }),
  heads: (config) => {
    const { width, heads } = presetOf(config).config;
    return unlessSameWidth(config, heads, Math.max(1, Math.round(config.width * heads / width)), "head size");
  },
  queryGroups: ({ heads }) => ({ value: heads }),
  mlpWidth: (config) => {
    const { width, mlpWidth } = presetOf(config).config;
    return unlessSameWidth(config, mlpWidth, Math.round(config.width * mlpWidth / width), "ratio to width");
  },
  sequence: (config) => ({ value: presetOf(config).config.sequence }),
  rotaryFraction: (config) => ({ value: presetOf(config).config.rotaryFraction }),
  parallelResidual: (config) => ({ value: presetOf(config).config.parallelResidual }),
  tiedEmbeddings: (config) => ({ value: presetOf(config).config.tiedEmbeddings }),
  activation: (config) => ({ value: presetOf(config).config.activation }),

  // Of models alike but for their width, the best learning rate falls as 1 / width (Yang et al. 2022, arXiv
  // 2203.03466).
  lr: (config) => {
    const { config: { width }, learningRate } = presetOf(config);
    if (config.width === width) return { value: learningRate, because: "the preset's" };
    const value = Number((learningRate * width / config.width).toPrecision(3));
    return { value, because: `the preset's ${learningRate} at width ${width}, falling as 1 / width` };
  },

  // The batch with the lowest loss grows with the budget D as 0.58 D^0.571 tokens (Li et al. 2025, arXiv 2503.04715).
  // The budget is the preset's even where another is given, so that a run can be prolonged with the batches it began
  // with.
  batch: (config) => {
    const best = 0.58 * budgetOf(config).tokens ** 0.571 / config.sequence;
    const value = 2 ** Math.max(0, Math.round(Math.log2(best)));
    const per = `0.58 D^0.571 / ${config.sequence} = ${Number(best.toPrecision(2))}`;
    return { value, because: `${per} for D = ${spell(budgetOf(config).tokens)} tokens, to the nearest power of two` };
  },

  microBatch: (config) => {
    const { layers, width, sequence, batch } = config;
    const bytes = 18 * 4 * layers * width * sequence; // about 18 floats a layer, token and unit of width are kept
    const most = Math.max(1, Math.floor(ACTIVATION_BYTES / bytes));
    let value = Math.min(most, batch);
    while (batch % value !== 0) value--;
    return { value, because: `the largest divisor of batch within ${formatBytes(ACTIVATION_BYTES)} of activations` };
  },

  steps: (config) => {
    const { tokens, because } = budgetOf(config);
    const value = Math.max(1, Math.floor(tokens / (config.batch * config.sequence)));
    return {
      value,
      because: `${spell(tokens)} tokens, ${because}, in batches of ${config.batch} x ${config.sequence}`,
    };
  },
  tokens: ({ steps, batch, sequence }) => ({ value: steps * batch * sequence }),

  evalEvery: ({ steps }) => ({ value: Math.ceil(steps / VALIDATIONS), because: `${VALIDATIONS} validations a run` }),
  evalTokens: ({ tokens, sequence }) => {
    const windows = Math.min(0.03 * tokens, 2 ** 20) / sequence;
    const because = "3% of the budget, so that validations take a tenth of the time; at most 1,048,576";
    return { value: Math.max(1, Math.floor(windows)) * sequence, because };
  },
  checkpointEvery: ({ evalEvery }) => ({ value: evalEvery, because: "one after each validation" }),
};

function presetOf(config: PretrainConfig): Preset {
  return presets[config.preset];
}

function parameters(config: PretrainConfig): number {
  return countParameters(modelConfig(config));
}

/** Compute-optimal training takes about 20 tokens a parameter (Hoffmann et al. 2022, arXiv 2203.15556). */
function budgetOf(config: PretrainConfig): { tokens: number; because: string } {
  const minutes = budgets[config.preset];
  if (minutes) return { tokens: minutes, because: "minutes on two cores" };
  return { tokens: 20 * parameters(config), because: "20 a parameter" };
}

function unlessSameWidth(config: PretrainConfig, same: number, scaled: number, what: string): Derived<number> {
  if (config.width === presetOf(config).config.width) return { value: same };
  return { value: scaled, because: `keeps the preset's ${what} at width ${config.width}` };
}

function spell(value: unknown): string {
  return typeof value === "number" && value >= 1000 ? formatCount(value) : String(value);
}
