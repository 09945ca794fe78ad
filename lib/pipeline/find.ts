/**
 * What a command means: a plain run, or a student that is cut out of a teacher first.
 *
 * @module
 */

import { toFlag } from "../cli/fields.ts";
import { UsageError } from "../cli/usage_error.ts";
import { FileError } from "../io/file_error.ts";
import { exists } from "../io/files.ts";
import { PipelineDirectory } from "../io/pipeline_directory.ts";
import { listRuns, runOf } from "../io/run_list.ts";
import { shipped } from "../io/shipped.ts";
import { type ConfigSources, pretrainSchema } from "../train/config.ts";
import { readFiniteModel } from "../train/initial.ts";
import { findRun, FREE, isFinished, newPath, type RunPlace } from "../train/resume.ts";
import { isObject, show } from "../unknown.ts";
import { refuseTaken } from "./claim.ts";
import { forRun, given, layersForRun, type PipelineConfig, resolvePipeline } from "./config.ts";
import { type PipelineOptions, studentFields } from "./config_schema.ts";
import { decide, type Decision, isCutOut } from "./decide.ts";
import { readSubNetwork } from "./inherit_stage.ts";
import { followMove, placesOf } from "./places.ts";
import { SHIPPED_TEACHER } from "./recipe.ts";
import { checkLessons, sourceOf } from "./source.ts";

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
  const { resume: resumed = "", name = "auto", out = "runs" } = all;
  // What is resumed by its path has no need of decisions.
  const decision = resumed === "" || resumed === "auto" ? decide(all, await shipped(SHIPPED_TEACHER)) : undefined;
  const cutOut = decision !== undefined && isCutOut(decision.init);
  const begun = !decision || name !== "auto" || cutOut ? await findBegun(all) : undefined;
  if (begun) return { kind: "pipeline", place: await resume(begun, options, sources) };
  if (resumed === "" && name !== "auto") await refuseTaken(new PipelineDirectory(`${out}/${name}`));
  if (cutOut && !await isPlain(all)) {
    return { kind: "pipeline", place: await begin(decision, options, sources) };
  }
  refuseOwn(all, decision);
  const place = await findRun(forRun(options), layersForRun(sources));
  return { kind: "run", place, reasons: cutOut ? [] : decision?.reasons ?? [] };
}

/** Tells whether a pipeline has done all that its settings ask for. */
export async function isDone({ run, directory }: PipelinePlace): Promise<boolean> {
  if (!run || !isFinished(run)) return false;
  const result = await directory.read(directory.result) as { tokens?: unknown } | undefined;
  return result?.tokens === run.config.tokens;
}

async function begin(decision: Decision, options: PipelineOptions, sources: ConfigSources): Promise<PipelinePlace> {
  const { reasons, init } = decision;
  const model = await readFiniteModel(await sourceOf(given(options, sources), decision.teacher));
  if (init.endsWith(".json")) await readSubNetwork(init, model.config);
  const resolved = resolvePipeline(options, sources, decision, model);
  await checkLessons(resolved, model);
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
  const stored = await readStored(directory);
  const { teacher, init, cutFrom } = stored;
  const layers = {
    file: { ...withoutAuto(options), ...withoutAuto(sources.file) },
    flags: withoutAuto(sources.flags),
  };
  const decision = { teacher, init, reasons: [] };
  const model = await readFiniteModel(cutFrom);
  // A setting that is younger than the pipeline has its default, which then stays as those do that it was begun with.
  const before = resolvePipeline(stored as PipelineOptions, {}, decision, model);
  const config = resolvePipeline(before as PipelineOptions, layers, decision, model);
  for (const [field, found] of Object.entries({ ...config, ...named(given({}, layers)) })) {
    const was = before[field as keyof PipelineConfig];
    if (!FREE.includes(field) && found !== was) refuseChange(path, toFlag(field), was, found);
  }
  const trained = await exists(`${path}/config.json`);
  if (trained) await followMove(directory, placesOf(before, directory));
  // The teacher was compared above; that of the run may be the turned one.
  const run = trained ? await findRun({}, withResume(layersForRun(withoutTeacher(layers)), path)) : undefined;
  const place = { config: { ...config, ...await placeOf(directory, before), resume: "" }, directory, reasons: [] };
  return { ...place, begun: true, ...(run && { run }) };
}

function withoutTeacher({ file, flags }: ConfigSources): ConfigSources {
  const without = (layer: unknown) =>
    Object.fromEntries(Object.entries(layer ?? {}).filter(([field]) => field !== "teacher"));
  return { file: without(file), flags: without(flags) };
}

function refuseChange(path: string, flag: string, was: unknown, found: unknown): never {
  throw new UsageError(
    `Cannot resume '${path}' with another --${flag}: it must stay ${was}, found ${found}; leave it out, or begin a new ` +
      "run",
  );
}

/** Reads what a pipeline was begun with; the first ones were all cut out of their teacher, and on its axes as given. */
async function readStored(directory: PipelineDirectory): Promise<PipelineConfig> {
  const json = await directory.read(directory.config);
  if (isObject(json) && typeof json.teacher === "string" && typeof json.init === "string") {
    return { cutFrom: json.teacher, axes: "given", ...json } as unknown as PipelineConfig;
  }
  throw new FileError("read", directory.config, `it must hold a pipeline's settings, found ${show(json)}`);
}

/** Where the directory is now: it may have been moved. */
async function placeOf({ path }: PipelineDirectory, { out, name }: PipelineConfig) {
  if (await new PipelineDirectory(`${out}/${name}`).begun()) return { out, name };
  const end = path.lastIndexOf("/");
  return { out: end < 0 ? "." : path.slice(0, end), name: path.slice(end + 1) };
}

/** Refuses fields of a student that is cut out, for a run that is resumed and was not. */
function refuseOwn(all: PipelineOptions, decision: Decision | undefined): void {
  const field = decision ? undefined : studentFields.find((each) => all[each] !== undefined);
  if (field === undefined) return;
  throw new UsageError(
    `Cannot use --${toFlag(field)}: the run's student must be cut out of a teacher, found a plain run in ` +
      `'${all.resume}'; leave it out`,
  );
}

/** The fields that a resolved pipeline takes from what it was decided to be. */
function named({ teacher, init, cutFrom }: PipelineOptions): PipelineOptions {
  return {
    ...(teacher !== undefined && { teacher }),
    ...(init !== undefined && { init }),
    ...(cutFrom !== undefined && { cutFrom }),
  };
}

/** A layer without fields that leave the decision to the pipeline, which has been taken, and of the call itself. */
function withoutAuto(layer: unknown): Record<string, unknown> {
  const decided = ["init", "teacher", "cutFrom", "name"];
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
