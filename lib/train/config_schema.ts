/**
 * The schema of a pretraining run: names, types, limits, defaults and descriptions of all its fields.
 *
 * @module
 */

import { z } from "zod";
import { deviceFields } from "../cli/device_fields.ts";
import { field, group } from "../cli/fields.ts";
import { presetNames } from "../model/presets.ts";
import { isLayerMap } from "../distill/layer_map.ts";
import { DIVERGENCES } from "../ops/distillation/mod.ts";
import { HIDDEN_LOSSES } from "../ops/hidden_loss/mod.ts";
import { endsOf, isRamp } from "./ramp.ts";

const count = z.int().min(1);
const countOrNone = z.int().min(0);
// The normal 32-bit floats: on a device smaller numbers are 0, and larger ones infinite.
const LEAST = 1.2e-38, MOST = 3.4e38;
const positive = z.number().min(LEAST).max(MOST);
const positiveOrNone = z.union([z.literal(0), positive]);
const share = z.number().min(0).max(1);
const moment = z.number().min(0).lt(1);
const text = z.string().min(1);

/** A field that the preset decides unless it is given. */
function auto<T extends z.ZodType>(type: T) {
  return z.union([z.literal("auto"), type]).default("auto");
}

/** A number that may move over the steps with the teacher. */
function ramp(type: typeof positive | typeof positiveOrNone, value: number, description: string) {
  const zero = type === positive ? "" : "0 or ";
  const ends = (text: string) =>
    isRamp(text) && Object.values(endsOf(text)).every((end) => type.safeParse(end).success);
  return field(
    z.union([type, z.string().refine(ends)]).default(value),
    `${description}, or from:to, linear over the steps with a teacher`,
    {
      rule: `${zero}a number of at least ${LEAST} and at most ${MOST}, or two of them as from:to`,
    },
  );
}

const run = group("Run", {
  name: field(text.regex(/^[\w-][\w.-]*$/).default("auto"), "name of the run's directory", {
    auto: "the preset's name, with a number where that is taken",
    rule: "letters, digits, dots, dashes and underscores, not starting with a dot",
  }),
  out: field(text.default("runs"), "directory that holds the runs"),
  resume: field(z.string().default(""), "run directory or checkpoint to continue", {
    auto: "the newest unfinished run of this name, or a new one where there is none",
    bare: "auto",
  }),
  init: field(text.default("random"), "where the weights come from: random, or a Hugging Face folder"),
  seed: field(
    z.int().min(0).max(2 ** 32 - 1).default(1),
    "seed of the weights, the batches and the samples",
  ),
});

const model = group("Model", {
  preset: field(
    z.enum(presetNames).default("small"),
    "the one dial: a model shape, from which all that is auto follows",
  ),
  vocabulary: field(auto(z.int().min(2)), "rows of the embedding", { auto: "the preset's" }),
  width: field(auto(count), "size of the residual stream", { auto: "the preset's" }),
  layers: field(auto(count.max(1000)), "transformer blocks", { auto: "the preset's" }),
  heads: field(auto(count), "attention heads a block", { auto: "keeps the preset's head size" }),
  queryGroups: field(auto(count), "groups of heads that share a key and a value; divides heads", {
    auto: "as many as heads",
  }),
  mlpWidth: field(auto(count), "hidden size of the feed-forward network", {
    auto: "keeps the preset's ratio to width",
  }),
  sequence: field(auto(z.int().min(2).max(2 ** 20)), "length of a training window", {
    unit: "tokens",
    auto: "the preset's",
  }),
  rotaryFraction: field(auto(z.number().gt(0).max(1)), "share of each head that the rotary embedding turns", {
    auto: "the preset's",
  }),
  parallelResidual: field(auto(z.boolean()), "attention and feed-forward network read the same input", {
    auto: "the preset's",
  }),
  tiedEmbeddings: field(auto(z.boolean()), "the embedding is the output projection too", { auto: "the preset's" }),
  activation: field(
    z.enum(["auto", "gelu", "gelu_tanh"]).default("auto"),
    "non-linearity of the feed-forward network",
    {
      auto: "the preset's",
    },
  ),
});

const data = group("Data", {
  corpus: field(text.default("sotu"), "sotu (the State of the Union addresses), a text file, a folder, or JSON Lines"),
  field: field(text.default("text"), "field of a JSON Lines corpus that holds the text"),
  separator: field(z.string().default(""), "what stands between the documents of a text file"),
  tokenizer: field(text.default("train"), "train (byte-level BPE on the corpus), or the path of a tokenizer.json"),
  endOfText: field(z.string().default(""), "text of the token that ends a document, in a tokenizer of your own"),
  validationFraction: field(z.number().gt(0).max(0.5).default(0.05), "share of the documents kept for validation"),
  splitSeed: field(z.int().min(0).max(2 ** 32 - 1).default(0), "selects them; the same for runs that are compared"),
});

const optimisation = group("Optimisation", {
  tokens: field(auto(count), "training budget, rounded down to whole steps", {
    unit: "tokens",
    auto: "20 a parameter, less for presets made for machines without a GPU",
  }),
  steps: field(auto(count), "training budget in place of tokens", { unit: "steps", auto: "from tokens" }),
  batch: field(auto(count), "sequences an optimizer step", { auto: "grows with the preset's budget" }),
  microBatch: field(auto(count), "sequences a pass over the model; batch is a multiple of it", {
    auto: "as many as fit 4 GiB of activations",
  }),
  lr: field(auto(positive), "peak learning rate", { auto: "the preset's, falling as 1 / width" }),
  minLr: field(share.default(0.1), "learning rate at the end, as a share of the peak"),
  schedule: field(z.enum(["cosine", "linear", "constant", "wsd"]).default("cosine"), "what follows the warm-up"),
  warmup: field(z.number().min(0).default(0.05), "linear warm-up: below 1 a share of all steps, from 1 on steps", {
    zero: "none",
  }),
  decayShare: field(share.default(0.2), "share of all steps in which wsd decays"),
  beta1: field(moment.default(0.9), "decay of AdamW's first moment"),
  beta2: field(moment.default(0.95), "decay of AdamW's second moment"),
  epsilon: field(positive.default(1e-8), "AdamW's epsilon"),
  weightDecay: field(positiveOrNone.default(0.1), "decoupled weight decay, on matrices only", { zero: "none" }),
  dropout: field(z.number().min(0).lt(1).default(0), "share of values dropped where the residual stream is added to", {
    zero: "none",
  }),
  clip: field(positiveOrNone.default(1), "largest global norm of the gradient", { zero: "not clipped" }),
});

const distillation = group("Distillation", {
  teacher: field(
    text.default("none"),
    "what the student learns from too: none, a Hugging Face folder, or a store of deno task teach",
  ),
  alpha: ramp(positiveOrNone, 0.5, "weight of the cross-entropy"),
  beta: ramp(positiveOrNone, 0.5, "weight of the divergence times the squared temperature"),
  // At 1 the divergence is that of the distributions that perplexity measures.
  temperature: ramp(positive, 1, "what logits of student and teacher are divided by in the divergence"),
  gamma: ramp(positiveOrNone, 0, "weight of the loss between hidden states (0: none)"),
  hidden: field(z.enum(HIDDEN_LOSSES).default("relative_mse"), "how far hidden states are from the teacher's"),
  layerMap: field(
    text.refine((map) => ["auto", "inherited", "even"].includes(map) || isLayerMap(map)).default("auto"),
    "layers whose hidden states are compared: inherited, even, or pairs student:teacher such as 0:1,1:3",
    {
      auto: "inherited for a student that was cut out of this teacher, else even",
      rule: "auto, inherited, even, or pairs student:teacher with commas between them",
    },
  ),
  divergence: field(z.enum(DIVERGENCES).default("forward_kl"), "how far the student is from the teacher"),
  divergenceWeight: field(
    z.number().gt(0).lt(1).default(0.5),
    "the teacher's weight in symmetric_kl and jensen_shannon",
  ),
  distilUntil: field(
    z.number().gt(0).max(1).default(1),
    "share of all steps that have the teacher; those after it have the cross-entropy alone, with weight 1",
  ),
});

const evaluation = group("Evaluation", {
  evalEvery: field(auto(countOrNone), "steps between validations", {
    auto: "a tenth of the run",
    zero: "only at the end",
  }),
  evalTokens: field(auto(count), "size of a validation", { unit: "tokens", auto: "3% of the training budget" }),
  sampleTokens: field(countOrNone.default(64), "length of the text sampled at the end", {
    unit: "tokens",
    zero: "none",
  }),
  samplePrompt: field(z.string().default("The American people"), "what the sampled text continues"),
});

const output = group("Output", {
  logEvery: field(count.default(10), "steps between log rows"),
  checkpointEvery: field(auto(countOrNone), "steps between checkpoints", {
    auto: "after each validation",
    zero: "only at the end",
  }),
  keep: field(countOrNone.default(2), "checkpoints kept, the newest", { zero: "all" }),
  quiet: field(z.boolean().default(false), "print nothing but the result"),
});

const runtime = group("Runtime", {
  ...deviceFields,
  profile: field(z.boolean().default(false), "print a table of kernels with their times"),
  dryRun: field(z.boolean().default(false), "print parameters, FLOPs and memory, and train nothing"),
});

/** The one schema of a pretraining run: config file, flags, help, validation and types come from it. */
export const pretrainSchema = z.strictObject({
  ...run,
  ...model,
  ...data,
  ...optimisation,
  ...distillation,
  ...evaluation,
  ...output,
  ...runtime,
});

/** The fields that say nothing without a teacher. */
export const distillationFields = Object.keys(distillation)
  .filter((name) => name !== "teacher") as readonly Exclude<keyof typeof distillation, "teacher">[];

/**
 * All fields, as given or at their defaults, with those that the preset decides still at "auto".
 *
 * @internal
 */
export type PretrainFields = z.output<typeof pretrainSchema>;

/** What a caller gives: any fields, the rest follow. `deno task pretrain --help` describes them. */
export type PretrainOptions = { readonly [K in keyof PretrainFields]?: PretrainFields[K] | undefined };

/** The fields of the model's shape, each after those that it depends on. */
export const shapeFields = [
  "vocabulary",
  "width",
  "layers",
  "heads",
  "queryGroups",
  "mlpWidth",
  "sequence",
  "rotaryFraction",
  "parallelResidual",
  "tiedEmbeddings",
  "activation",
] as const satisfies readonly (keyof PretrainFields)[];

/** The fields that the preset decides, each after those that it depends on. */
export const derivedFields = [
  ...shapeFields,
  "lr",
  "batch",
  "microBatch",
  "steps",
  "tokens",
  "evalEvery",
  "evalTokens",
  "checkpointEvery",
] as const satisfies readonly (keyof PretrainFields)[];

/**
 * Name of a field that the preset decides.
 *
 * @internal
 */
export type DerivedField = typeof derivedFields[number];

/** A complete, consistent config: nothing is left to decide but what depends on files and on the machine. */
export type PretrainConfig = {
  readonly [K in keyof PretrainFields]: K extends DerivedField ? Exclude<PretrainFields[K], "auto"> : PretrainFields[K];
};
