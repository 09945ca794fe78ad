/**
 * Where a run lies, and what it goes on from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { toFlag } from "../cli/fields.ts";
import { type Checkpoint, latestCheckpoint, readCheckpoint } from "../io/checkpoint.ts";
import { FileError } from "../io/file_error.ts";
import { exists } from "../io/files.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { listRuns, runOf } from "../io/run_list.ts";
import { type ConfigSources, type PretrainConfig, type PretrainOptions, resolveConfig } from "./config.ts";
import { configOfFolder, type Initial, known, readInitial } from "./initial.ts";
import { checkTeacher, readTeacher, type StoredTeacher } from "./teacher.ts";
import { checkSameTeacher } from "./trainer_state.ts";

/** A run's config and what it goes on from; a new run has neither directory nor checkpoint. */
export interface RunPlace {
  readonly config: PretrainConfig;
  /** What `init` names; a run that has a checkpoint does not need it. */
  readonly initial?: Initial;
  /** What `teacher` names; a finished run does not need it. */
  readonly teacher?: StoredTeacher;
  readonly directory?: RunDirectory;
  readonly from?: { readonly folder: string; readonly checkpoint: Checkpoint };
  /** What is not as it was: damaged checkpoints that were passed over, and the like, a line each. */
  readonly warnings: readonly string[];
}

/** Fields that may differ from those a run began with: how long, how often, where, and how it is shown. */
export const FREE: readonly string[] = [
  "name",
  "out",
  "steps",
  "tokens",
  // It changes the order of sums, and so the last digits; it must be free where another machine has less memory.
  "microBatch",
  "evalEvery",
  "evalTokens",
  "sampleTokens",
  "samplePrompt",
  "logEvery",
  "checkpointEvery",
  "keep",
  "device",
  "threads",
  ...["resume", "quiet", "profile", "dryRun"],
];

/** Fields of one call, which a run directory does not remember. */
const OF_THE_CALL = { resume: "", quiet: false, profile: false, dryRun: false } as const;

/** Tells whether a run has taken all the steps that its config asks for. */
export function isFinished({ from, config }: RunPlace): boolean {
  return from !== undefined && from.checkpoint.step >= config.steps;
}

/** Returns the config that a run directory keeps. */
export function storedConfig<C extends Pick<PretrainConfig, keyof typeof OF_THE_CALL>>(config: C): C {
  return { ...config, ...OF_THE_CALL };
}

/**
 * Finds the run that a config means: a new one, or with `resume` one that was begun before.
 *
 * `auto` is the newest run of the name that is not finished; else the newest one, so that `steps` can prolong it; else
 * a new one.
 *
 * @throws {UsageError} If the config contradicts itself, or the run that it resumes.
 * @throws {FileError} If the run, its checkpoint, or the folder of `init` or `teacher` cannot be read.
 */
export async function findRun(options: PretrainOptions, sources: ConfigSources): Promise<RunPlace> {
  const { resume = "" } = { ...options, ...sources.file as PretrainOptions, ...sources.flags as PretrainOptions };
  if (resume === "") return await newRun(options, sources);
  if (resume !== "auto") return await resumeRun(await runOf(String(resume)), options, sources);
  let newest: RunPlace | undefined;
  for (const path of await runsNamed(options, sources)) {
    const place = await resumeRun({ path }, options, sources);
    if (!isFinished(place)) return place;
    newest ??= place;
  }
  return newest ?? await newRun(forThisCall(options), layersOf(sources));
}

/** Finds the path of a new run: its name if that is free, else for a name that was not given the next number. */
export async function newPath({ out, name, preset }: Pick<PretrainConfig, "out" | "name" | "preset">): Promise<string> {
  if (name === "auto") {
    const last = (await listRuns(out, preset)).at(-1);
    return last ? `${out}/${preset}-${last.number + 1}` : `${out}/${preset}`;
  }
  const refuse = (reason: string) => {
    throw new UsageError(`Cannot begin a run in '${out}/${name}': ${reason}`);
  };
  if (name === "tokens") refuse("the folder of tokens has that name; choose another --name");
  if (await exists(`${out}/${name}/config.json`)) {
    refuse("there must be none, found one; choose another --name, or continue it with --resume auto");
  }
  return `${out}/${name}`;
}

async function newRun(options: PretrainOptions, sources: ConfigSources): Promise<RunPlace> {
  const given = { ...options, ...sources.file as PretrainOptions, ...sources.flags as PretrainOptions };
  const folder = (field: unknown) => typeof field === "string" && field !== "" ? field : undefined;
  const [init, taughtBy] = [folder(given.init), folder(given.teacher)];
  const initial = init === undefined ? init : await readInitial(init);
  const teacher = taughtBy === undefined ? taughtBy : await readTeacher(taughtBy);
  const config = initial
    ? configOfFolder(initial, options, sources)
    : resolveConfig({ ...(teacher && fieldsOf(teacher)), ...known(options) }, sources);
  if (teacher) checkTeacher(teacher, config, initial);
  await newPath(config);
  return { config, ...(initial && { initial }), ...(teacher && { teacher }), warnings: [] };
}

/** What a student that starts at random takes over. */
function fieldsOf({ kind, config: { vocabularySize: vocabulary, sequence } }: StoredTeacher): PretrainOptions {
  return kind === "store" ? { vocabulary, sequence } : { vocabulary };
}

async function resumeRun(
  { path, folder }: { readonly path: string; readonly folder?: string },
  options: PretrainOptions,
  sources: ConfigSources,
): Promise<RunPlace> {
  const directory = await RunDirectory.open(path);
  const stored = await readStored(directory);
  const layers = layersOf(sources);
  const { file, flags } = layers;
  const given = { ...options, ...file as PretrainOptions, ...flags as PretrainOptions };
  // A preset decides nothing that is stored, so the general check below could not see that it is another one.
  if (given.preset !== undefined) refuseChange(path, "preset", stored.preset, given.preset);
  const config = resolveConfig(resolveConfig(stored, { flags: forThisCall(options) }), layers);
  for (const field of Object.keys(config) as (keyof PretrainConfig)[]) {
    if (!FREE.includes(field)) refuseChange(path, field, stored[field], config[field]);
  }
  const latest = folder
    ? { folder, checkpoint: await readCheckpoint(folder), refused: [] }
    : await latestCheckpoint(directory);
  const initial = latest ? undefined : await readInitial(config.init);
  const place: RunPlace = {
    ...{ config, directory },
    ...(latest && { from: latest }),
    ...(initial && { initial }),
    warnings: latest ? [...latest.refused, ...otherSums(stored, config)] : [],
  };
  const teacher = isFinished(place) ? undefined : await readTeacher(config.teacher);
  if (!teacher) return place;
  if (latest) checkSameTeacher(latest, teacher);
  else checkTeacher(teacher, config, initial);
  return { ...place, teacher };
}

function refuseChange(path: string, field: string, stored: unknown, found: unknown): void {
  if (stored === found) return;
  throw new UsageError(
    `Cannot resume '${path}' with another --${toFlag(field)}: it must stay ${stored}, found ${found}; ` +
      "leave it out, or begin a new run",
  );
}

function otherSums({ microBatch: before }: PretrainConfig, { microBatch: now }: PretrainConfig): string[] {
  if (before === now) return [];
  return [`micro-batches of ${now} instead of ${before} sum in another order: the last digits will differ`];
}

async function readStored(directory: RunDirectory): Promise<PretrainConfig> {
  const json = await directory.readConfig();
  try {
    return resolveConfig(storedConfig(json as PretrainConfig));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const reason = `it must be the config of a run, found: ${error.message.replace(/^Cannot /, "cannot ")}`;
    throw new FileError("read", directory.config, reason, error);
  }
}

/** Run directories of a config's name, newest first. */
async function runsNamed(options: PretrainOptions, { file, flags }: ConfigSources): Promise<string[]> {
  const given = { ...options, ...file as PretrainOptions, ...flags as PretrainOptions };
  const { out, name, preset } = resolveConfig({}, {
    flags: { out: given.out, name: given.name, preset: given.preset },
  });
  const listed = name === "auto" ? await listRuns(out, preset) : [{ path: `${out}/${name}` }];
  const paths: string[] = [];
  for (const { path } of listed.reverse()) {
    if (await exists(`${path}/config.json`)) paths.push(path);
  }
  return paths;
}

function layersOf({ file, flags }: ConfigSources): ConfigSources {
  return { ...(file !== undefined && { file: forThisCall(file) }), ...(flags && { flags: forThisCall(flags) }) };
}

/** A layer of the config without `resume`, which has done its work once the run is found. */
function forThisCall<T>(layer: T): T {
  if (typeof layer !== "object" || layer === null) return layer;
  const { resume: _, ...rest } = layer as { resume?: unknown };
  return rest as T;
}
