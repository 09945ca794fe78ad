/**
 * The schema of the main job: a run's, and what is needed to make its student.
 *
 * @module
 */

import { z } from "zod";
import { field, group } from "../cli/fields.ts";
import { subNetworkSearchSchema } from "../search/sub_network_config.ts";
import { pretrainSchema } from "../train/config.ts";
import { INHERITANCE, SEARCH } from "./recipe.ts";

const { shape: search } = subNetworkSearchSchema;
const text = z.string().min(1).default("auto");

/** The fields of the student that is cut out of the teacher. */
const student = group("Student", {
  cutFrom: field(text, "model that it is cut out of: a Hugging Face folder", {
    auto: "the teacher; if that is a logit store, the model that comes with the project and wrote it",
  }),
  params: field(
    z.string().min(1).default(SEARCH.params),
    "its parameters, as a number or as a share of the teacher's",
  ),
  space: withDefault(search.space, SEARCH.space),
  method: field(search.method.removeDefault().default(SEARCH.method), "how it is searched for"),
  evaluations: withDefault(search.evaluations, SEARCH.evaluations),
  fitness: withDefault(search.fitness, SEARCH.fitness),
  importance: withDefault(search.importance, SEARCH.importance),
  axes: field(
    z.enum(["principal", "given"]).default(INHERITANCE.axes),
    "the teacher's coordinates: turned to the principal axes of its stream, its heads and neurons sorted; or as given",
  ),
  norms: field(z.enum(["keep", "rescale"]).default(INHERITANCE.norms), "gains and biases of norms that lose width"),
  repair: field(
    z.boolean().default(INHERITANCE.repair),
    "refit output projections to the teacher's stream on calibration text",
  ),
});

/** The one schema of `deno task pretrain`: config file, flags, help, validation and types come from it. */
export const pipelineSchema = z.strictObject({
  ...pretrainSchema.shape,
  ...group("Run", {
    init: field(
      text,
      "where the weights come from: the teacher, by a search or by importance alone, or by a sub-network's .json; " +
        "random; or a Hugging Face folder",
      { auto: "search, unless there is no teacher or the model's shape is given; then random" },
    ),
  }),
  ...group("Distillation", {
    teacher: field(
      text,
      "what the student learns from besides the text: none, a Hugging Face folder or a logit store",
      {
        auto: "the one that comes with the project, unless what is given does not fit it; then none",
      },
    ),
  }),
  ...student,
});

/**
 * All fields of `deno task pretrain`, as given or at their defaults.
 *
 * @internal
 */
export type PipelineFields = z.output<typeof pipelineSchema>;

/** What a caller gives: any fields, the rest follow. `deno task pretrain --help` describes them. */
export type PipelineOptions = { readonly [K in keyof PipelineFields]?: PipelineFields[K] | undefined };

/** The fields that say nothing unless a student is cut out of a teacher. */
export const studentFields = Object.keys(student) as readonly (keyof typeof student)[];

/** The fields that the pipeline decides, and a run does not have or has in another sense. */
export const ownFields = ["init", ...studentFields] as const;

/** A type of the same rule and description with another default. */
function withDefault<T extends z.ZodType>(type: z.ZodDefault<T>, value: z.output<T>): z.ZodDefault<T> {
  const { default: _, ...meta } = type.meta() ?? {};
  return (type.removeDefault().default(value as never) as z.ZodDefault<T>).meta(meta);
}
