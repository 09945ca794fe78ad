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
import type { LessonsState } from "./lessons.ts";
import type { StoredTeacher } from "./teacher.ts";
import type { WindowState } from "./window.ts";

/** The `trainer` part of a checkpoint. */
export interface TrainerState extends Record<string, unknown> {
  /** The losses since the last log row. */
  readonly window: WindowState;
  /** The fields of the config that decide the results, and those that say how they were measured. */
  readonly config: Partial<PretrainConfig>;
  /** Hashes of what was trained on, the teacher's weights or its store among them. */
  readonly data: { readonly corpus: string; readonly tokenizer: string; readonly teacher?: string };
  /** What is counted of the teacher, where there is one. */
  readonly lessons?: LessonsState;
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

/**
 * Makes the state that a checkpoint keeps.
 *
 * @param taught The hash of the teacher and what was counted of it. @default no teacher
 */
export function trainerState(
  config: PretrainConfig,
  { manifest }: TrainingData,
  window: WindowState,
  taught?: { readonly hash: string; readonly lessons: LessonsState },
): TrainerState {
  return {
    window,
    config: Object.fromEntries(Object.entries(config).filter(([field]) => !PRESENTATION.includes(field))),
    data: {
      ...{ corpus: manifest.corpusHash, tokenizer: manifest.tokenizerHash },
      ...(taught && { teacher: taught.hash }),
    },
    ...(taught && { lessons: taught.lessons }),
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

/** A checkpoint and where it lies. */
interface From {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Refuses to go on with a corpus whose text has changed since the checkpoint was written.
 *
 * @throws {UsageError} If it has.
 */
export function checkSameData(from: From, { manifest }: TrainingData, { corpus }: PretrainConfig): void {
  const { data } = from.checkpoint.trainer as TrainerState;
  refuseChange(from, `the text of --corpus ${corpus}`, data.corpus, manifest.corpusHash);
}

/**
 * Refuses to go on with a teacher whose weights or stored logits have changed since the checkpoint was written.
 *
 * @throws {UsageError} If they have.
 */
export function checkSameTeacher(from: From, teacher: Pick<StoredTeacher, "hash" | "folder" | "kind">): void {
  const { data } = from.checkpoint.trainer as TrainerState;
  refuseChange(from, `the ${teacher.kind} in --teacher ${teacher.folder}`, data.teacher!, teacher.hash);
}

function refuseChange({ folder }: From, what: string, before: string, now: string): void {
  if (before === now) return;
  throw new UsageError(
    `Cannot resume from '${folder}': ${what} must be what the run began with (SHA-256 ${before.slice(0, 12)}), found ` +
      `${now.slice(0, 12)}; restore it, or begin a new run`,
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
