/**
 * A run that is ready to train: device, data, model and run directory.
 *
 * @module
 */

import { Batches } from "../data/batches.ts";
import type { Device } from "../devices/device.ts";
import { describeDevice, openDevice } from "../devices/mod.ts";
import { describeAlignment } from "../distill/align.ts";
import { LogitStore } from "../distill/store/reader.ts";
import { Evaluator } from "../evaluate/loss.ts";
import { writeAtomically } from "../io/atomic.ts";
import type { Checkpoint } from "../io/checkpoint.ts";
import { returnTo } from "../io/checkpoint_return.ts";
import { jsonText } from "../io/json.ts";
import { machineOptions } from "../io/machine.ts";
import { tokenizerOf } from "../io/model_folder.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { readLog, RunLog } from "../io/run_log.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { HiddenAlignment } from "../model/hidden_alignment.ts";
import { initialise } from "../model/initialise.ts";
import { Model } from "../model/model.ts";
import { alignmentOf, foreignInheritance, inheritanceOf } from "./alignment.ts";
import { claim } from "./claim.ts";
import { type ConfigSources, modelConfig, type PretrainConfig, type PretrainOptions, stepOptions } from "./config.ts";
import { prepareData, type TrainingData } from "./data.ts";
import { estimateMemory } from "./memory.ts";
import { findRun, type RunPlace, storedConfig } from "./resume.ts";
import { checkSameTokenizer, checkWindows, type StoredTeacher, taughtBy } from "./teacher.ts";
import { checkSameAdapter, checkSameData } from "./trainer_state.ts";
import { TrainingStep } from "./training_step.ts";

/** Who is told what while a run is prepared. */
export interface Listeners {
  /** Told what is being prepared, a line at a time. */
  readonly notice?: ((line: string) => void) | undefined;
  /** Told what is not as it should be, a line at a time. @default `notice` */
  readonly warn?: ((line: string) => void) | undefined;
}

/** What else `openRun` takes. */
export interface OpenRunOptions extends ConfigSources, Listeners {}

/** Everything that a training loop uses. Dispose of it to free the device. */
export interface Run extends Disposable {
  readonly config: PretrainConfig;
  readonly device: Device;
  readonly data: TrainingData;
  readonly batches: Batches;
  readonly model: Model;
  /** What the model learns from besides the text, and its hash. */
  readonly teacher: { readonly source: Model | LogitStore; readonly hash: string } | undefined;
  /** The hidden states of both that are compared. */
  readonly hidden: HiddenAlignment | undefined;
  /** What the weights were cut out of, which goes with them. */
  readonly subnetJson: unknown;
  readonly step: TrainingStep;
  readonly evaluator: Evaluator;
  readonly directory: RunDirectory;
  readonly log: RunLog;
  /** The checkpoint that the run goes on from. */
  readonly resumed: Checkpoint | undefined;
  /** Seconds that it took before it was resumed. */
  readonly elapsed: number;
}

/** Finds the run that a config means, new or begun before, and prepares it. */
export async function openRun(options: PretrainOptions = {}, open: OpenRunOptions = {}): Promise<Run> {
  return await prepareRun(await findRun(options, open), open);
}

/**
 * Prepares a run: opens the device, reads the data, compiles the step. Memory is checked before anything is written,
 * and the run directory is made last, so that a run that cannot start leaves none behind.
 *
 * @throws {DeviceError} If there is no device, or it has too little memory.
 * @throws {FileError} If the corpus, the tokenizer or the run directory cannot be used.
 * @throws {UsageError} If the corpus and the config, or teacher and student do not fit.
 */
export async function prepareRun(place: RunPlace, listeners: Listeners = {}): Promise<Run> {
  const { notice = () => {}, warn = notice } = listeners;
  const { config, from } = place;
  for (const line of place.warnings) warn(line);
  using cleanup = new DisposableStack();
  const device = cleanup.use(
    await openDevice(config.device, { profile: config.profile, ...machineOptions(config.threads) }),
  );
  notice(`device: ${describeDevice(device)}, because ${device.reason}`);
  const { memoryBytes = undefined } = device.software ? machineOptions() : {};
  const hidden = alignmentOf(place, modelOf(place));
  if (hidden) notice(describeAlignment(hidden));
  const foreign = hidden && foreignInheritance(place, hidden);
  if (foreign) warn(foreign);
  estimateMemory(device, modelOf(place), config, memoryBytes, taughtBy(place.teacher, hidden));
  const data = await readData(place, notice);
  if (from) checkSameData(from, data, config);
  const teacher = place.teacher && await createTeacher(device, place.teacher, data);
  if (teacher) cleanup.use(teacher.source);
  const model = cleanup.use(await createModel(device, place, data));
  const step = cleanup.use(await TrainingStep.create(model, { ...stepOptions(config), hidden }, teacher?.source));
  if (from) step.restore(from.checkpoint.moments, from.checkpoint.projection);
  const { microBatch: batch, sequence, evalTokens: limit } = config;
  const { validation: tokens, bytesPerToken } = data;
  const evaluator = cleanup.use(await Evaluator.create(model, { tokens, bytesPerToken, batch, sequence, limit }));
  const batches = new Batches(data.train, { batch, sequence, seed: config.seed });
  if (teacher?.source instanceof LogitStore) checkWindows(teacher.source, data.train, config);
  const { path } = cleanup.use(await claim(place));
  const { directory, log, elapsed } = await openDirectory(path, place, device, warn);
  cleanup.use(log);
  const disposables = cleanup.move();
  return {
    config,
    device,
    data,
    batches,
    model,
    teacher,
    hidden,
    subnetJson: inheritanceOf(place),
    step,
    evaluator,
    directory,
    log,
    resumed: from?.checkpoint,
    elapsed,
    [Symbol.dispose]: () => disposables.dispose(),
  };
}

/** Returns the model that a run trains, but for the tokenizer's end-of-text token. */
export function modelOf({ config, initial, from }: RunPlace): GPTNeoXConfig {
  if (from) return from.checkpoint.config;
  return initial ? { ...initial.config, sequence: config.sequence } : modelConfig(config);
}

/**
 * The weights' own tokenizer goes with them; only a new run may be given another one. Weights that are drawn take the
 * teacher's.
 */
async function readData(
  { config, initial, teacher, from }: RunPlace,
  notice: (line: string) => void,
): Promise<TrainingData> {
  const inherited = from?.checkpoint ?? initial ?? teacher;
  const tokenizer = inherited && await tokenizerOf(inherited);
  return await prepareData(from ? { ...config, tokenizer: "train" } : config, tokenizer, notice);
}

async function createTeacher(device: Device, stored: StoredTeacher, { tokenizer }: TrainingData) {
  await checkSameTokenizer(stored, tokenizer);
  const { hash } = stored;
  if (stored.kind === "store") return { source: stored.store, hash };
  return { source: await Model.create(device, stored.config, stored.parameters), hash };
}

async function createModel(device: Device, place: RunPlace, { tokenizer }: TrainingData): Promise<Model> {
  const { config: { seed }, initial, from } = place;
  const end = tokenizer.endOfText;
  const shape = { ...modelOf(place), ...(end !== undefined && { bosToken: end, eosToken: end }) };
  const parameters = from?.checkpoint.parameters ?? initial?.parameters ?? initialise(shape, seed);
  return await Model.create(device, shape, parameters, tokenizer.json);
}

async function openDirectory(
  path: string,
  { config, directory, from }: RunPlace,
  device: Device,
  warn: (line: string) => void,
) {
  if (!directory) {
    const created = await RunDirectory.create(path, storedConfig(config), adapterOf(device));
    return { directory: created, log: await RunLog.create(created.log), elapsed: 0 };
  }
  await checkSameAdapter(directory, adapterOf(device), warn);
  const aside = from ? await returnTo(directory, from.folder) : [];
  for (const path of aside) warn(`a checkpoint after step ${from?.checkpoint.step} is kept as '${path}'`);
  // A longer budget holds for the next resume too.
  await writeAtomically(directory.config, jsonText(storedConfig(config)));
  const log = await RunLog.resume(directory.log, from?.checkpoint.step ?? -1);
  const row = (await readLog(directory.log)).at(-1);
  return { directory, log, elapsed: typeof row?.elapsed_s === "number" ? row.elapsed_s : 0 };
}

function adapterOf({ kind, name, software, reason }: Device) {
  return { kind, name, software, reason };
}
