/**
 * Checkpoints: everything that a training run needs to go on as if it had never stopped.
 *
 * A checkpoint is an ordinary Hugging Face folder with the optimizer's state and `trainer.json` beside the model. That
 * file holds the hash of every other one, and its own. Nothing in it depends on when or where it was written.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { GPTNeoXConfig } from "../model/config.ts";
import { parameterSpecs, type ParameterValues } from "../model/parameters.ts";
import { linkAtomically, writeFolderAtomically } from "./atomic.ts";
import { listCheckpoints, removeLeftovers, stepFolder } from "./checkpoint_folders.ts";
import { FileError } from "./file_error.ts";
import { hashFile, remove, writeNew } from "./files.ts";
import { namedTensors, readModelFolder, writeModelFiles } from "./huggingface.ts";
import { jsonText, readJson } from "./json.ts";
import type { RunDirectory } from "./run_directory.ts";
import { SafetensorsFile } from "./safetensors.ts";
import { writeSafetensors } from "./safetensors_writer.ts";

const OPTIMIZER = "optimizer.safetensors";
const TRAINER = "trainer.json";

/**
 * AdamW's moments; on disk their names begin with `m.` and `v.`, as the paper calls them (Kingma & Ba 2015, arXiv
 * 1412.6980).
 */
export interface Moments {
  /** Running means of the gradient. */
  readonly first: ParameterValues;
  /** Running means of its square. */
  readonly second: ParameterValues;
}

/** A matrix that is trained with the model and is no part of it; in the optimizer's file it has the name `projection`. */
export interface ProjectionState {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
  /** AdamW's running means. */
  readonly first: Float32Array<ArrayBuffer>;
  readonly second: Float32Array<ArrayBuffer>;
}

/** The state of a training run after a step. */
export interface Checkpoint {
  /** Optimizer steps done. */
  readonly step: number;
  /** Tokens trained on. */
  readonly tokens: number;
  /** The model's shape. */
  readonly config: GPTNeoXConfig;
  /** The model's parameters. */
  readonly parameters: ParameterValues;
  /** The optimizer's state for each parameter. */
  readonly moments: Moments;
  /** The projection of hidden states into those of a teacher, when there is one. */
  readonly projection?: ProjectionState;
  /** What else the trainer wants back: seed, configuration, counters. JSON, and no times. */
  readonly trainer: Readonly<Record<string, unknown>>;
  /** The parsed `tokenizer.json`, when there is one. */
  readonly tokenizerJson?: unknown;
  /** The parsed `subnet.json` of the folder that training began from, when there is one. */
  readonly subnetJson?: unknown;
}

/** How checkpoints are written. */
export interface CheckpointOptions {
  /** How many checkpoints to keep, the newest ones; the last one written always stays. @default {Infinity} */
  readonly keep?: number;
}

/**
 * Writes a checkpoint, points `final` at it, and then removes those that are too old to keep.
 *
 * @returns The checkpoint's folder.
 * @throws {RangeError} If a parameter has no values, or `keep` is below 1.
 * @throws {FileError} If the file system refuses; every earlier checkpoint is then still there.
 */
export async function writeCheckpoint(
  run: RunDirectory,
  checkpoint: Checkpoint,
  options: CheckpointOptions = {},
): Promise<string> {
  const { keep = Infinity } = options;
  if (!(keep >= 1)) throw new RangeError(`Cannot write a checkpoint: 'keep' must be at least 1, found ${keep}`);
  const name = stepFolder(checkpoint.step);
  const folder = `${run.checkpoints}/${name}`;
  await removeLeftovers(run.checkpoints);
  await writeFolderAtomically(folder, (partial) => writeFiles(partial, checkpoint));
  await linkAtomically(run.final, `checkpoints/${name}`);
  const older = (await listCheckpoints(run.checkpoints)).filter((path) => path !== folder);
  for (const path of older.slice(0, Math.max(0, older.length + 1 - keep))) {
    await remove(path);
  }
  return folder;
}

/**
 * Reads a checkpoint once every file in it has the hash that it was written with.
 *
 * @throws {FileError} If it is damaged or incomplete; it names the file.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const { step, tokens, trainer, files } = await readTrainer(folder);
  for (const [name, hash] of Object.entries(files)) {
    if (await hashFile(`${folder}/${name}`) === hash) continue;
    throw new FileError("read", folder, `${name} must have the SHA-256 ${hash} of ${TRAINER}; it is damaged`);
  }
  const model = await readModelFolder(folder);
  return { step, tokens, trainer, ...model, ...await readOptimizer(`${folder}/${OPTIMIZER}`, model.config) };
}

/** The newest intact checkpoint of a run. */
export interface LatestCheckpoint {
  /** Where it lies. */
  readonly folder: string;
  /** What it holds. */
  readonly checkpoint: Checkpoint;
  /** Why newer ones were passed over, a line each. */
  readonly refused: readonly string[];
}

/**
 * Reads the newest checkpoint of a run that is intact.
 *
 * @returns `undefined` if the run has no checkpoint yet.
 * @throws {FileError} If it has some, but every one is damaged.
 */
export async function latestCheckpoint(run: RunDirectory): Promise<LatestCheckpoint | undefined> {
  const refused: string[] = [];
  for (const folder of (await listCheckpoints(run.checkpoints)).reverse()) {
    try {
      return { folder, checkpoint: await readCheckpoint(folder), refused };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      refused.push(error.message);
    }
  }
  if (refused.length === 0) return undefined;
  throw new FileError("read", run.checkpoints, `no checkpoint is intact: ${refused.join("; ")}`);
}

async function writeFiles(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { step, tokens, config, moments, projection, trainer } = checkpoint;
  const files = await writeModelFiles(folder, checkpoint);
  const tensors = [
    ...namedTensors(config, moments.first, "m."),
    ...namedTensors(config, moments.second, "v."),
    ...(projection ? projectionTensors(projection) : []),
  ];
  files[OPTIMIZER] = await writeSafetensors(`${folder}/${OPTIMIZER}`, tensors);
  const content = { step, tokens, trainer, files };
  await writeNew(`${folder}/${TRAINER}`, jsonText({ ...content, sha256: hashOf(content) }));
}

const PROJECTION = "projection";

function projectionTensors({ shape, values, first, second }: ProjectionState) {
  return [
    { name: PROJECTION, shape, values },
    { name: `m.${PROJECTION}`, shape, values: first },
    { name: `v.${PROJECTION}`, shape, values: second },
  ];
}

async function readOptimizer(
  path: string,
  config: GPTNeoXConfig,
): Promise<Pick<Checkpoint, "moments" | "projection">> {
  using file = await SafetensorsFile.open(path);
  const read = (prefix: string) =>
    new Map(parameterSpecs(config).map(({ name }) => [name, file.readFloats(prefix + name)]));
  const moments = { first: read("m."), second: read("v.") };
  const shape = file.tensors.get(PROJECTION)?.shape;
  if (!shape) return { moments };
  const [values, first, second] = ["", "m.", "v."].map((prefix) => file.readFloats(prefix + PROJECTION));
  return { moments, projection: { shape, values: values!, first: first!, second: second! } };
}

type Trainer = Pick<Checkpoint, "step" | "tokens" | "trainer"> & { readonly files: Readonly<Record<string, string>> };

async function readTrainer(folder: string): Promise<Trainer> {
  const json = await readJson(`${folder}/${TRAINER}`) as Record<string, unknown> | null;
  const { sha256, ...content } = json ?? {};
  // The hash covers all fields, so that their types need no check of their own.
  if (sha256 === hashOf(content)) return content as unknown as Trainer;
  throw new FileError("read", folder, `${TRAINER} must have the SHA-256 that it ends with; it is damaged`);
}

function hashOf(content: object): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
