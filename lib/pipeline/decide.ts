/**
 * What `auto` means: which teacher a student has, and where its weights come from.
 *
 * @module
 */

import { toFlag } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { shapeFields } from "../train/config_schema.ts";
import { type PipelineOptions, pipelineSchema, studentFields } from "./config_schema.ts";
import { INIT } from "./recipe.ts";

/** What was decided. */
export interface Decision {
  /** A folder of a model or a logit store, or `none`. */
  readonly teacher: string;
  /** `search`, `importance`, `random`, a folder, or the JSON file of a sub-network. */
  readonly init: string;
  /** Why, a line for each that was not given. */
  readonly reasons: readonly string[];
}

/** The student's length of a window may be shorter than its teacher's. */
const SHAPE = ["preset", ...shapeFields.filter((field) => field !== "sequence")] as const;

/** Text that the shipped teacher was not trained on, held-out documents that it has seen, or tokens that it does not know. */
const TEXT = ["corpus", "field", "separator", "tokenizer", "endOfText", "validationFraction", "splitSeed"] as const;

const DEFAULTS = pipelineSchema.parse({});

/** Tells whether a student is cut out of its teacher. */
export function isCutOut(init: string): boolean {
  return init === "search" || init === "importance" || init.endsWith(".json");
}

/**
 * Decides on the teacher and on the start.
 *
 * @param given The fields that are given, and only those.
 * @param shippedTeacher The folder of the teacher that comes with the project, if it came.
 * @throws {UsageError} If what is given contradicts itself.
 */
export function decide(given: PipelineOptions, shippedTeacher: string | undefined): Decision {
  const has = (field: keyof PipelineOptions) => given[field] !== undefined && given[field] !== "auto";
  const differs = (field: keyof PipelineOptions) => has(field) && given[field] !== DEFAULTS[field];
  const named = { teacher: given.teacher ?? "auto", init: given.init ?? "auto" };
  const reasons: string[] = [];
  const chosen = (what: string, value: string, because: string) => {
    reasons.push(`${what} ${value}: ${because}`);
    return value;
  };
  const shape = SHAPE.find(has);

  const decideTeacher = (): string => {
    if (named.teacher !== "auto") return named.teacher;
    if (given.cutFrom !== undefined && has("cutFrom")) return given.cutFrom;
    if (named.init !== "auto" && !isCutOut(named.init)) return "none";
    const unfit = [...SHAPE, "sequence" as const].find(has) ?? TEXT.find(differs);
    if (unfit) return chosen("teacher", "none", `--${toFlag(unfit)} is given, and the shipped teacher has its own`);
    if (!shippedTeacher) return chosen("teacher", "none", "none came with this copy of the project");
    return chosen("teacher", shippedTeacher, "the one that comes with the project");
  };
  const teacher = decideTeacher();
  const decideInit = (): string => {
    if (named.init !== "auto") return named.init;
    if (teacher === "none" && !has("cutFrom")) return "random";
    if (shape) return chosen("init", "random", `--${toFlag(shape)} gives the model a shape of its own`);
    return chosen("init", INIT, "the student is cut out of its teacher");
  };
  const init = decideInit();
  check({ teacher, init, shape, unfit: differs("tokenizer") ? "tokenizer" : undefined, given });
  return { teacher, init, reasons };
}

interface Decided {
  readonly teacher: string;
  readonly init: string;
  readonly shape: string | undefined;
  readonly unfit: string | undefined;
  readonly given: PipelineOptions;
}

function check({ teacher, init, shape, unfit, given }: Decided): void {
  const own = shape ?? unfit;
  const student = studentFields.find((field) => given[field] !== undefined);
  if (isCutOut(init) && teacher === "none" && (given.cutFrom ?? "auto") === "auto") {
    throw new UsageError(
      `Cannot use --init ${init}: there must be a model to cut a student out of, found none; give --teacher or ` +
        "--cut-from, or leave --init out",
    );
  }
  if (isCutOut(init) && own) {
    throw new UsageError(
      `Cannot use --${
        toFlag(own)
      } with --init ${init}: a student that is cut out has its teacher's shape and tokens, ` +
        `found ${given[own as keyof PipelineOptions]}; leave one out`,
    );
  }
  if (!isCutOut(init) && student) {
    throw new UsageError(
      `Cannot use --${
        toFlag(student)
      }: the student must be cut out of a teacher, found --init ${init}; leave it out, ` +
        "or use --init search",
    );
  }
}
