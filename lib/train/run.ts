/**
 * A run that is ready to train: device, data, model and run directory.
 *
 * @module
 */

import { Batches } from "../data/batches.ts";
import type { Device } from "../devices/device.ts";
import { openDevice } from "../devices/mod.ts";
import { Evaluator } from "../evaluate/loss.ts";
import type { Checkpoint } from "../io/checkpoint.ts";
import { availableMemory } from "../io/memory.ts";
import { RunDirectory } from "../io/run_directory.ts";
import { readLog, RunLog } from "../io/run_log.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { initialise } from "../model/initialise.ts";
import { Model } from "../model/model.ts";
import { type ConfigSources, modelConfig, type PretrainConfig, type PretrainOptions } from "./config.ts";
import { MOST_PENDING } from "./clock.ts";
import { prepareData, type TrainingData } from "./data.ts";
import { type Initial, readInitial } from "./initial.ts";
import { findRun, type RunPlace } from "./resume.ts";
import { TrainingStep } from "./training_step.ts";

/** What else `pretrain` takes. */
export interface OpenOptions extends ConfigSources {
  /** Ends the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Told what is being prepared, a line at a time. */
  readonly notice?: ((line: string) => void) | undefined;
}

/** Everything that a training loop uses. Dispose of it to free the device. */
export interface Run extends Disposable {
  readonly config: PretrainConfig;
  /** The fields of the config that decide the results: what a checkpoint remembers. */
  readonly identity: Partial<PretrainConfig>;
  readonly device: Device;
  readonly data: TrainingData;
  readonly batches: Batches;
  readonly model: Model;
  readonly step: TrainingStep;
  readonly evaluator: Evaluator;
  readonly directory: RunDirectory;
  readonly log: RunLog;
  /** The checkpoint that the run goes on from. */
  readonly resumed: Checkpoint | undefined;
  /** Seconds that it took before it was resumed. */
  readonly elapsed: number;
  readonly signal: AbortSignal | undefined;
}

/** Fields that say where and how a run is shown, and not what it computes. */
const PRESENTATION = ["name", "out", "resume", "device", "quiet", "profile", "dryRun", "keep"] as const;

/**
 * Prepares a run: resolves the config, opens the device, reads the data, compiles the step. The run directory is made
 * last, so that a run that cannot start leaves none behind.
 */
export async function openRun(options: PretrainOptions = {}, open: OpenOptions = {}): Promise<Run> {
  const { notice = () => {}, signal } = open;
  const place = await findRun(options, open);
  for (const line of place.refused) notice(line);
  const initial = await readInitial(place.config);
  const config = initial.config;
  using cleanup = new DisposableStack();
  const device = cleanup.use(await openDevice(config.device, { profile: config.profile, ...memoryOptions() }));
  notice(`device: ${device.name} (${device.software ? "software" : "hardware"}), because ${device.reason}`);
  const data = await prepareData(config, initial.tokenizerJson, notice);
  const shape = shapeOf(config, data);
  const model = cleanup.use(await createModel(device, shape, config, place.checkpoint, initial, data));
  const step = cleanup.use(await TrainingStep.create(model, stepOptions(config)));
  if (place.checkpoint) step.restore({ first: place.checkpoint.moments.m, second: place.checkpoint.moments.v });
  const { microBatch: batch, sequence, evalTokens: limit } = config;
  const { validation: tokens, bytesPerToken } = data;
  const evaluator = cleanup.use(
    await Evaluator.create(model, { tokens, bytesPerToken, batch, sequence, limit }),
  );
  const batches = new Batches(data.train, { batch, sequence, seed: config.seed });
  const { directory, log, elapsed } = await openDirectory(place, config, device);
  cleanup.use(log);
  const disposables = cleanup.move();
  return {
    config,
    identity: identityOf(config),
    device,
    data,
    batches,
    model,
    step,
    evaluator,
    directory,
    log,
    resumed: place.checkpoint,
    elapsed,
    signal,
    [Symbol.dispose]: () => disposables.dispose(),
  };
}

/** The optimizer step that a config describes. */
export function stepOptions(config: PretrainConfig) {
  const { microBatch, batch, sequence, clip, beta1, beta2, epsilon, weightDecay } = config;
  const accumulation = batch / microBatch;
  return { microBatch, accumulation, sequence, clip, beta1, beta2, epsilon, weightDecay, pending: MOST_PENDING };
}

/** A limit that turns a kill by the system into an error: software adapters take the machine's own memory. */
export function memoryOptions(): { memoryBytes?: number } {
  const memoryBytes = availableMemory();
  return memoryBytes === undefined ? {} : { memoryBytes };
}

function shapeOf(config: PretrainConfig, { tokenizer }: TrainingData): GPTNeoXConfig {
  const end = tokenizer.endOfText;
  return { ...modelConfig(config), ...(end !== undefined && { bosToken: end, eosToken: end }) };
}

async function createModel(
  device: Device,
  shape: GPTNeoXConfig,
  { seed }: PretrainConfig,
  checkpoint: Checkpoint | undefined,
  initial: Initial,
  { tokenizer }: TrainingData,
): Promise<Model> {
  const parameters = checkpoint?.parameters ?? initial.parameters ?? initialise(shape, seed);
  return await Model.create(device, shape, parameters, tokenizer.json);
}

async function openDirectory(place: RunPlace, config: PretrainConfig, device: Device) {
  if (!place.directory) {
    const directory = await RunDirectory.create(place.path, config, describeDevice(device));
    return { directory, log: await RunLog.create(directory.log), elapsed: 0 };
  }
  const { directory, checkpoint } = place;
  const log = await RunLog.resume(directory.log, checkpoint?.step ?? -1);
  const row = (await readLog(directory.log)).at(-1);
  return { directory, log, elapsed: typeof row?.elapsed_s === "number" ? row.elapsed_s : 0 };
}

function describeDevice({ kind, name, software, reason }: Device) {
  return { kind, name, software, reason };
}

function identityOf(config: PretrainConfig): Partial<PretrainConfig> {
  const hidden: readonly string[] = PRESENTATION;
  return Object.fromEntries(Object.entries(config).filter(([field]) => !hidden.includes(field)));
}
