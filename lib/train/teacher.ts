/**
 * The teacher of a run: what it must have in common with its student, and what a run remembers of it.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { canonicalJson, sha256 } from "../data/hash.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { ParameterValues } from "../model/parameters.ts";
import type { PretrainConfig } from "./config.ts";
import { type Initial, readFiniteModel } from "./initial.ts";

/** A teacher from a folder. */
export interface StoredTeacher extends Initial {
  /** SHA-256 of its weights. */
  readonly hash: string;
}

/**
 * Reads the folder that `teacher` names.
 *
 * @param folder A Hugging Face folder, or "none" for none.
 * @throws {FileError} If it is no model, or one of its weights is not finite.
 */
export async function readTeacher(folder: string): Promise<StoredTeacher | undefined> {
  if (folder === "none") return undefined;
  const model = await readFiniteModel(folder);
  return { ...model, hash: await hashOf(model.parameters) };
}

/**
 * Refuses a student that cannot learn from a teacher because of its sizes.
 *
 * @param initial What the student starts from.
 * @throws {UsageError} If vocabularies differ, sequences are longer than the teacher's, or no tokenizer is known.
 */
export function checkTeacher(teacher: StoredTeacher, config: PretrainConfig, initial: Initial | undefined): void {
  const { vocabularySize, sequence } = teacher.config;
  if (config.vocabulary !== vocabularySize) {
    const wayOut = initial ? "use a teacher with the vocabulary of --init" : "leave it out";
    refuse(teacher, `--vocabulary must be the teacher's ${vocabularySize}, found ${config.vocabulary}; ${wayOut}`);
  }
  if (config.sequence > sequence) {
    refuse(teacher, `--sequence must be at most the teacher's ${sequence}, found ${config.sequence}; lower it`);
  }
  if (config.tokenizer === "train" && (initial ?? teacher).tokenizerJson === undefined) {
    refuse(
      teacher,
      "the student needs its tokenizer, found no tokenizer.json in the folder; name one with --tokenizer",
    );
  }
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

async function hashOf(parameters: ParameterValues): Promise<string> {
  const hashes: [name: string, hash: string][] = [];
  for (const [name, { buffer, byteOffset, byteLength }] of parameters) {
    hashes.push([name, await sha256(new Uint8Array(buffer, byteOffset, byteLength))]);
  }
  return await sha256(new TextEncoder().encode(canonicalJson(hashes)));
}
