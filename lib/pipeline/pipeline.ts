/**
 * From a teacher to a trained student: search, inheritance, distillation, evaluation, report.
 *
 * @module
 */

import { measurePeak } from "../devices/peak.ts";
import { exists } from "../io/files.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import { SearchDirectory } from "../io/search_directory.ts";
import { formatProfile } from "../report/profile_table.ts";
import type { SubNetworkSearch } from "../search/sub_network_search.ts";
import { type ConfigSources, explain, type PretrainConfig } from "../train/config.ts";
import { train } from "../train/pretrain.ts";
import type { Probe } from "../train/probe.ts";
import type { TrainRow } from "../train/records.ts";
import { findRun, isFinished, type RunPlace, storedConfig } from "../train/resume.ts";
import { type Listeners, modelOf, prepareRun, type Run } from "../train/run.ts";
import { formatCount } from "../units.ts";
import { axesStage } from "./axes_stage.ts";
import { claim } from "./claim.ts";
import { forRun, type PipelineConfig } from "./config.ts";
import type { PipelineOptions } from "./config_schema.ts";
import { evaluateStage } from "./evaluate_stage.ts";
import { find, type PipelinePlace } from "./find.ts";
import { type Inherited, inheritStage } from "./inherit_stage.ts";
import { placesOf } from "./places.ts";
import { writeReport } from "./report.ts";
import type { Result } from "./result.ts";
import { finishRun } from "./run_result.ts";
import { prepareSearch } from "./search_stage.ts";
import { checkText } from "./source.ts";
import type { Generation } from "./take_search.ts";
import { openTeacher } from "./teacher.ts";

/**
 * What a pipeline reports: of a search that is prepared, how many rows are there already; of a training that begins, its
 * steps; with `profile`, what each kernel took, as a table.
 */
export type PipelineRecord =
  | { readonly stage: "prepare"; readonly search: SubNetworkSearch; readonly known: number }
  | { readonly stage: "search"; readonly generation: Generation }
  | { readonly stage: "inherit"; readonly inherited: Inherited }
  | { readonly stage: "begin"; readonly steps: number }
  | { readonly stage: "train"; readonly row: TrainRow }
  | { readonly stage: "profile"; readonly table: string }
  | { readonly stage: "evaluate"; readonly result: Result }
  | { readonly stage: "report"; readonly path: string };

/** How a pipeline is run. */
export interface PipelineRunOptions extends Listeners, ConfigSources {
  /** Ends it after the evaluation or the step under way; what is done is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Captures activations of the student at every validation of its training. @default none, which costs nothing */
  readonly probe?: Probe | undefined;
}

/**
 * Does what `deno task pretrain` does and yields what each stage reports. Without options that is a student, cut out of
 * the teacher that comes with the project, trained beside it; a preset or a shape gives a run from random weights, which
 * is trained alone.
 *
 * @param options Fields of the config; what is not given follows.
 * @throws {UsageError} If the config contradicts itself.
 * @throws {FileError} If a file cannot be read or written.
 * @throws {TrainingError} If the loss is no longer a number.
 *
 * @example
 * ```ts ignore
 * import { pipeline } from "../../mod.ts";
 *
 * for await (const record of pipeline({ evaluations: 32, tokens: 200_000 })) {
 *   if (record.stage === "evaluate") console.log(record.result.student.bitsPerByte);
 * }
 * ```
 */
export async function* pipeline(
  options: PipelineOptions = {},
  run: PipelineRunOptions = {},
): AsyncGenerator<PipelineRecord> {
  const found = await find(options, run);
  if (found.kind === "pipeline") return yield* runPipeline(found.place, run);
  using opened = await prepareRun(found.place, run);
  const last = yield* trainAll(opened, run);
  if (last?.step === opened.config.steps) yield { stage: "report", path: await finishRun(opened, last, []) };
}

/**
 * Takes a pipeline to its end, from the stage that it had come to, and yields what each stage reports. One that is
 * resumed ends with the bytes of one that never stopped, times aside.
 *
 * @throws {UsageError} If teacher, text and settings do not fit.
 * @throws {FileError} If a file cannot be read or written, or another process works in the directory.
 * @throws {TrainingError} If the loss is no longer a number.
 */
export async function* runPipeline(
  place: PipelinePlace,
  options: PipelineRunOptions = {},
): AsyncGenerator<PipelineRecord> {
  const { directory, config } = place;
  const { signal } = options;
  const made = place.begun && (place.run || await exists(directory.inherited));
  if (!made) yield* makeStudent(place, options);
  if (signal?.aborted) return;
  yield* trainStudent(place, options);
  if (signal?.aborted) return;
  options.notice?.("measuring the student, and what it stands beside, on all held-out text");
  yield { stage: "evaluate", result: await evaluateStage(directory, config, () => {}) };
  yield { stage: "report", path: await writeReport(directory.path) };
}

/** Searches the teacher unless a sub-network is given, and cuts the student out. */
async function* makeStudent(
  place: PipelinePlace,
  { notice = () => {}, signal }: PipelineRunOptions,
): AsyncGenerator<PipelineRecord> {
  const { directory, config, begun } = place;
  using given = await openTeacher(config, notice);
  await checkText(config, given.data);
  using _lock = await claim(place);
  // First, so that whatever stops the process, all that it leaves belongs to a pipeline that was begun.
  await directory.write(directory.config, storedConfig(config));
  try {
    if (config.axes === "principal" && !await exists(directory.turned)) {
      notice("turning the teacher to its principal axes");
    }
    using teacher = await axesStage(directory, config, given);
    if (config.init === "search") {
      const { search, known, generations } = await prepareSearch(directory, config, teacher);
      yield { stage: "prepare", search, known: known.length };
      for await (const generation of generations(signal)) yield { stage: "search", generation };
      if (!search.result.ended) return;
    }
    yield { stage: "inherit", inherited: await inheritStage(directory, config, teacher) };
  } catch (error) {
    // What cannot be removed must not hide why; it belongs to a pipeline that can be gone on with.
    if (!begun && !await hasCome(directory)) await directory.discard().catch(() => {});
    throw error;
  }
}

/** Tells whether a pipeline has come so far that there is something to go on with. */
async function hasCome({ search, inherited }: PipelineDirectory): Promise<boolean> {
  return await new SearchDirectory(search).begun() || await exists(inherited);
}

async function* trainStudent(
  { directory, config, run: begun }: PipelinePlace,
  { notice = () => {}, warn = notice, signal, probe }: PipelineRunOptions,
): AsyncGenerator<PipelineRecord> {
  if (begun && isFinished(begun)) return;
  const place = begun ?? await findRun({ ...trainingOf(config), ...placesOf(config, directory) }, {});
  if (!begun) describeTraining(place).forEach(notice);
  using run = await prepareRun(place, { notice, warn });
  if (begun) await directory.write(directory.config, storedConfig(config)); // a longer budget holds for the next resume too
  yield* trainAll(run, { signal, probe });
}

/** Trains a run and returns its last row, if there was one. */
async function* trainAll(
  run: Run,
  { signal, probe }: PipelineRunOptions,
): AsyncGenerator<PipelineRecord, TrainRow | undefined> {
  let last: TrainRow | undefined;
  yield { stage: "begin", steps: run.config.steps };
  for await (const row of train(run, signal, probe)) yield { stage: "train", row: last = row };
  const { profiler } = run.device;
  if (profiler) {
    yield { stage: "profile", table: formatProfile(await profiler.collect(), await measurePeak(run.device)) };
  }
  return last;
}

/** Says what is trained, on what loss and how; what a preset would have decided is of no interest here. */
function describeTraining(place: RunPlace): string[] {
  const { batch, sequence, steps, lr, schedule, seed } = place.config;
  const size = `${formatCount(steps)} steps of ${batch} x ${sequence} tokens`;
  return [
    ...explain(place.config, modelOf(place)).slice(0, 2),
    `training: ${size}, learning rate ${lr} (${schedule}), seed ${seed}`,
  ];
}

function trainingOf(config: PipelineConfig): Partial<PretrainConfig> {
  return forRun({ ...config, init: undefined }) as Partial<PretrainConfig>;
}
