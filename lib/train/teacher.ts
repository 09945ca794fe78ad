/**
 * The teacher of a run: what it must have in common with its student, and what a run remembers of it.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { Batches, type TokenArray } from "../data/batches.ts";
import { canonicalJson, sha256 } from "../data/hash.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { isStore } from "../distill/store/manifest.ts";
import { LogitStore } from "../distill/store/reader.ts";
import type { HiddenAlignment } from "../model/hidden_alignment.ts";
import type { StoredLogits } from "../model/loss.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import type { PretrainConfig } from "./config.ts";
import { type Initial, readFiniteModel } from "./initial.ts";
import type { TaughtBy } from "./memory.ts";
import { comparesHidden, taughtSteps } from "./schedule.ts";

/** A teacher that is a model. */
export interface ModelTeacher extends Initial {
  /** Tells the two apart. */
  readonly kind: "model";
  /** SHA-256 of its weights. */
  readonly hash: string;
}

/** A teacher of which there are stored logits. */
export interface LogitTeacher {
  /** Tells the two apart. */
  readonly kind: "store";
  /** The store's. */
  readonly folder: string;
  /** SHA-256 of the store. */
  readonly hash: string;
  /** What is known of the model. */
  readonly config: { readonly vocabularySize: number; readonly sequence: number; readonly eosToken: number };
  /** The teacher's `tokenizer.json`. */
  readonly tokenizerJson: unknown;
  /** What it thought of each window. */
  readonly store: LogitStore;
}

/** A teacher from a folder. */
export type StoredTeacher = ModelTeacher | LogitTeacher;

/**
 * Reads the folder that `teacher` names.
 *
 * @param folder A Hugging Face folder, a logit store, or "none" for none.
 * @throws {FileError} If it is neither, a weight of the model is not finite, or the store is unfinished or damaged.
 */
export async function readTeacher(folder: string): Promise<StoredTeacher | undefined> {
  if (folder === "none") return undefined;
  if (await isStore(folder)) {
    const store = await LogitStore.open(folder);
    const { hash, tokenizerJson, manifest: { vocabularySize, sequence, endOfText: eosToken } } = store;
    return { kind: "store", folder, hash, config: { vocabularySize, sequence, eosToken }, tokenizerJson, store };
  }
  const model = await readFiniteModel(folder);
  return { kind: "model", ...model, hash: await hashParameters(model.parameters) };
}

/** Returns what decides the sizes of a step with a teacher. */
export function taughtBy(
  teacher: StoredTeacher | undefined,
  hidden: HiddenAlignment | undefined,
): TaughtBy | StoredLogits | undefined {
  return teacher?.kind === "model" ? { config: teacher.config, hidden } : teacher?.store;
}

/** What of a config a teacher must fit. */
type Fitted = Pick<PretrainConfig, "vocabulary" | "sequence" | "tokenizer" | "temperature" | "gamma" | "divergence">;

/** What of a config decides which windows a run draws with its teacher. */
type Drawn = Pick<PretrainConfig, "batch" | "sequence" | "seed" | "steps" | "distilUntil">;

/**
 * Refuses a student that cannot learn from a teacher because of its sizes.
 *
 * @param initial What the student starts from.
 * @throws {UsageError} If vocabularies differ, sequences are longer than the teacher's, or no tokenizer is known.
 */
export function checkTeacher(teacher: StoredTeacher, config: Fitted, initial: Initial | undefined): void {
  const { vocabularySize, sequence } = teacher.config;
  if (config.vocabulary !== vocabularySize) {
    const wayOut = initial ? "use a teacher with the vocabulary of --init" : "leave it out";
    refuse(teacher, `--vocabulary must be the teacher's ${vocabularySize}, found ${config.vocabulary}; ${wayOut}`);
  }
  if (config.sequence > sequence) {
    refuse(teacher, `--sequence must be at most the teacher's ${sequence}, found ${config.sequence}; lower it`);
  }
  if (teacher.kind === "store") checkStore(teacher, config);
  if (config.tokenizer === "train" && (initial ?? teacher).tokenizerJson === undefined) {
    refuse(
      teacher,
      "the student needs its tokenizer, found no tokenizer.json in the folder; name one with --tokenizer",
    );
  }
}

/** Refuses what would need other logits than those that were stored. */
function checkStore(teacher: LogitTeacher, config: Fitted): void {
  const { sequence, temperature } = teacher.store.manifest;
  const other = "or teach a store of your own with deno task teach";
  if (config.sequence !== sequence) {
    refuse(teacher, `--sequence must be the store's ${sequence}, found ${config.sequence}; set it, ${other}`);
  }
  if (config.temperature !== temperature) {
    refuse(teacher, `--temperature must be the store's ${temperature}, found ${config.temperature}; set it, ${other}`);
  }
  if (comparesHidden(config)) {
    refuse(
      teacher,
      `--gamma must be 0, since a store has no hidden states, found ${config.gamma}; leave it out, or name the teacher's own folder`,
    );
  }
  if (config.divergence !== "forward_kl") {
    const rule = "--divergence must be forward_kl, since others need probabilities that a store does not have";
    refuse(teacher, `${rule}, found ${config.divergence}; leave it out, or name the teacher's own folder`);
  }
}

/**
 * Refuses a store that lacks windows which a run's steps with the teacher will draw.
 *
 * @param train What the run trains on.
 * @throws {FileError} If there is one.
 */
export function checkWindows(store: LogitStore, train: TokenArray, config: Drawn): void {
  const { batch, sequence, seed } = config;
  const windows = new Batches(train, { batch: 1, sequence, seed });
  const drawn = Math.min(taughtSteps(config) * batch, windows.windows);
  for (let window = 0; window < drawn; window++) store.check(windows.batch(window).tokens);
}

/**
 * Refuses a student that reads other tokens than its teacher; a teacher without a tokenizer is taken at its word.
 *
 * @throws {UsageError} If tokenizers differ.
 */
export async function checkSameTokenizer(teacher: StoredTeacher, { hash }: Tokenizer): Promise<void> {
  if (teacher.tokenizerJson === undefined) return;
  const own = await sha256(new TextEncoder().encode(canonicalJson(teacher.tokenizerJson)));
  if (own === hash) return;
  refuse(
    teacher,
    `the student's tokenizer must be the teacher's (SHA-256 ${own.slice(0, 12)}), found ${hash.slice(0, 12)}; leave ` +
      "--tokenizer out, or use a teacher and a student of one tokenizer",
  );
}

function refuse({ folder }: StoredTeacher, rule: string): never {
  throw new UsageError(`Cannot learn from '${folder}': ${rule}`);
}
