/**
 * What a checkpoint remembers of its run besides weights and moments, and whether a resumed run still fits it.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import type { Checkpoint } from "../io/checkpoint.ts";
import { FileError } from "../io/file_error.ts";
import { exists } from "../io/files.ts";
import { readJson } from "../io/json.ts";
import type { RunDirectory } from "../io/run_directory.ts";
import { type PretrainConfig, resolveConfig } from "./config.ts";
import type { TrainingData } from "./data.ts";
import type { WindowState } from "./window.ts";

/** The `trainer` part of a checkpoint. */
export interface TrainerState extends Record<string, unknown> {
  /** The losses since the last log row. */
  readonly window: WindowState;
  /** The fields of the config that decide the results, and those that say how they were measured. */
  readonly config: Partial<PretrainConfig>;
  /** Hashes of what was trained on. */
  readonly data: { readonly corpus: string; readonly tokenizer: string };
}

/** Fields that say where a run is kept and how it is shown; two runs that differ in them have the same checkpoints. */
const PRESENTATION: readonly string[] = [
  "name",
  "out",
  "resume",
  "device",
  "quiet",
  "profile",
  "dryRun",
  "keep",
];

/** Makes the state that a checkpoint keeps. */
export function trainerState(config: PretrainConfig, { manifest }: TrainingData, window: WindowState): TrainerState {
  return {
    window,
    config: Object.fromEntries(Object.entries(config).filter(([field]) => !PRESENTATION.includes(field))),
    data: { corpus: manifest.corpusHash, tokenizer: manifest.tokenizerHash },
  };
}

/**
 * Reads the config of the run that wrote a checkpoint.
 *
 * @returns `undefined` for a folder that is no checkpoint.
 * @throws {FileError} If its `trainer.json` is damaged.
 */
export async function readRunConfig(folder: string): Promise<PretrainConfig | undefined> {
  const path = `${folder}/trainer.json`;
  if (!await exists(path)) return undefined;
  const { trainer } = await readJson(path) as { readonly trainer?: Partial<TrainerState> };
  try {
    return resolveConfig(trainer?.config);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new FileError("read", path, `it must hold a run's config: ${error.message}`, error);
  }
}

/**
 * Refuses to go on with a corpus whose text has changed since the checkpoint was written.
 *
 * @throws {UsageError} If it has.
 */
export function checkSameData(
  { folder, checkpoint }: { readonly folder: string; readonly checkpoint: Checkpoint },
  { manifest }: TrainingData,
  { corpus }: PretrainConfig,
): void {
  const { data } = checkpoint.trainer as TrainerState;
  if (data.corpus === manifest.corpusHash) return;
  throw new UsageError(
    `Cannot resume from '${folder}': the text of --corpus ${corpus} must be what the run began with (SHA-256 ` +
      `${data.corpus.slice(0, 12)}), found ${manifest.corpusHash.slice(0, 12)}; restore it, or begin a new run`,
  );
}

/** Warns where a run goes on with another adapter, whose kernels sum in another order. */
export async function checkSameAdapter(
  { adapter }: RunDirectory,
  { name }: { readonly name: string },
  warn: (line: string) => void,
): Promise<void> {
  if (!await exists(adapter)) return;
  const before = await readJson(adapter) as { readonly name?: unknown } | null;
  if (before?.name === name) return;
  warn(
    `this run began on ${before?.name} and goes on with ${name}: the last digits may differ from a run on one of them`,
  );
}
