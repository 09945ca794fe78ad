/**
 * What a command means: a plain run, or a student that is cut out of a teacher first.
 *
 * @module
 */

import { toFlag } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { exists } from "../io/files.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { listRuns, runOf } from "../io/run_list.ts";
import { shipped } from "../io/shipped.ts";
import { type ConfigSources, pretrainSchema } from "../train/config.ts";
import { readFiniteModel } from "../train/initial.ts";
import { findRun, FREE, isFinished, newPath, type RunPlace } from "../train/resume.ts";
import { forRun, given, layersForRun, type PipelineConfig, resolvePipeline } from "./config.ts";
import type { PipelineOptions } from "./config_schema.ts";
import { decide, type Decision, isCutOut } from "./decide.ts";
import { readSubNetwork } from "./inherit_stage.ts";

/** The name of runs that are not given one, and that of plain ones without a preset. */
const NAME = "student", PLAIN = pretrainSchema.shape.preset.parse(undefined);

/** A pipeline, new or begun before. */
export interface PipelinePlace {
  readonly config: PipelineConfig;
  readonly directory: PipelineDirectory;
  /** What was decided, where it was not given. */
  readonly reasons: readonly string[];
  /** Whether it was begun before. */
  readonly begun: boolean;
  /** Its run, once training has begun. */
  readonly run?: RunPlace;
}

/** What a command means. */
export type Found =
  | { readonly kind: "run"; readonly place: RunPlace; readonly reasons: readonly string[] }
  | { readonly kind: "pipeline"; readonly place: PipelinePlace };

/**
 * Finds what is to be done: a run or a pipeline, a new one or with `resume` one that was begun before.
 *
 * @throws {UsageError} If the settings contradict themselves, or what they resume.
 * @throws {FileError} If what is resumed, or a folder that is named, cannot be read.
 */
export async function find(options: PipelineOptions, sources: ConfigSources): Promise<Found> {
  const all = given(options, sources);
  const begun = await findBegun(all);
  if (begun) return { kind: "pipeline", place: await resume(begun, options, sources) };
  const decision = decide(all, await shipped("fixtures/teacher"));
  const { init, reasons } = decision;
  await refuseTaken(all);
  // A run that is named to be resumed has no need of decisions.
  const named = typeof all.resume === "string" && all.resume !== "" && all.resume !== "auto";
  if (named || !isCutOut(init) || await isPlain(all)) {
    return { kind: "run", place: await findRun(forRun(options), layersForRun(sources)), reasons: named ? [] : reasons };
  }
  return { kind: "pipeline", place: await begin(decision, options, sources) };
}

/** Tells whether a pipeline has done all that its settings ask for. */
export async function isDone({ run, directory }: PipelinePlace): Promise<boolean> {
  if (!run || !isFinished(run)) return false;
  const result = await directory.read(directory.result) as { tokens?: unknown } | undefined;
  return result?.tokens === run.config.tokens;
}

async function begin(decision: Decision, options: PipelineOptions, sources: ConfigSources): Promise<PipelinePlace> {
  const { teacher: folder, reasons, init } = decision;
  const teacher = await readFiniteModel(folder);
  if (init.endsWith(".json")) await readSubNetwork(init, teacher.config);
  const resolved = resolvePipeline(options, sources, decision, teacher);
  const name = resolved.name === "auto" ? await nextName(resolved.out) : resolved.name;
  const config = { ...resolved, name, resume: "" };
  const path = await newPath({ ...config, preset: PLAIN }); // which matters to runs without a name only
  return { config, directory: new PipelineDirectory(path), reasons, begun: false };
}

/** Finds the pipeline that `resume` means, if there is one. */
async function findBegun({ resume = "", name = "auto", out = "runs" }: PipelineOptions): Promise<string | undefined> {
  if (resume === "") return undefined;
  const paths = resume !== "auto"
    ? [(await runOf(resume)).path]
    : name !== "auto"
    ? [`${out}/${name}`]
    : (await listRuns(out, NAME)).reverse().map(({ path }) => path);
  const begun: string[] = [];
  for (const path of paths) {
    if (await new PipelineDirectory(path).begun()) begun.push(path);
  }
  for (const path of begun) {
    if (!await exists(new PipelineDirectory(path).result)) return path;
  }
  return begun[0];
}

/** Tells whether `resume` means a run that was begun without a teacher to be cut out of. */
async function isPlain({ resume = "", name = "auto", out = "runs" }: PipelineOptions): Promise<boolean> {
  if (resume !== "auto") return false;
  const paths = name === "auto" ? (await listRuns(out, PLAIN)).map(({ path }) => path) : [`${out}/${name}`];
  return (await Promise.all(paths.map((path) => exists(`${path}/config.json`)))).includes(true);
}

async function resume(path: string, options: PipelineOptions, sources: ConfigSources): Promise<PipelinePlace> {
  const directory = new PipelineDirectory(path);
  const stored = await directory.read(directory.config) as PipelineConfig;
  const { teacher, init } = stored;
  const layers = { file: withoutAuto(sources.file), flags: withoutAuto(sources.flags) };
  const before = { ...stored, ...withoutAuto(options) } as PipelineOptions;
  const config = resolvePipeline(before, layers, { teacher, init, reasons: [] }, await readFiniteModel(teacher));
  for (const [field, found] of Object.entries({ ...config, ...named(given(options, layers)) })) {
    const was = stored[field as keyof PipelineConfig];
    if (FREE.includes(field) || found === was) continue;
    throw new UsageError(
      `Cannot resume '${path}' with another --${
        toFlag(field)
      }: it must stay ${was}, found ${found}; leave it out, or ` +
        "begin a new run",
    );
  }
  const trained = await exists(`${path}/config.json`);
  const run = trained ? await findRun(forRun(withoutAuto(options)), withResume(layersForRun(layers), path)) : undefined;
  return {
    config: { ...config, name: stored.name, out: stored.out, resume: "" },
    directory,
    reasons: [],
    begun: true,
    ...(run && { run }),
  };
}

/** Refuses a new run in the place of a pipeline whose run has not begun. */
async function refuseTaken({ resume = "", name = "auto", out = "runs" }: PipelineOptions): Promise<void> {
  if (resume !== "" || name === "auto" || !await new PipelineDirectory(`${out}/${name}`).begun()) return;
  throw new UsageError(
    `Cannot begin a run in '${out}/${name}': there must be none, found one; choose another --name, or continue it with ` +
      "--resume auto",
  );
}

/** The fields that a resolved pipeline takes from what it was decided to be. */
function named({ teacher, init }: PipelineOptions): PipelineOptions {
  return { ...(teacher !== undefined && { teacher }), ...(init !== undefined && { init }) };
}

/** A layer without fields that leave the decision to the pipeline, which has been taken, and of the call itself. */
function withoutAuto(layer: unknown): Record<string, unknown> {
  const decided = ["init", "teacher", "name"];
  return Object.fromEntries(
    Object.entries(layer as object ?? {}).filter(([field, value]) =>
      field !== "resume" && !(decided.includes(field) && value === "auto")
    ),
  );
}

function withResume({ file, flags }: ConfigSources, path: string): ConfigSources {
  return { ...(file !== undefined && { file }), flags: { ...flags, resume: path } };
}

async function nextName(out: string): Promise<string> {
  const last = (await listRuns(out, NAME)).at(-1);
  return last ? `${NAME}-${last.number + 1}` : NAME;
}
