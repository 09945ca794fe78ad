/**
 * The model that a student is cut out of, which need not be what it learns from.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { isStore, readStoreManifest } from "../distill/store/manifest.ts";
import { loadModel } from "../io/model_folder.ts";
import { shipped } from "../io/shipped.ts";
import type { Model } from "../model/model.ts";
import { hashParameters } from "../model/parameter_hash.ts";
import { type Initial, readFiniteModel } from "../train/initial.ts";
import type { TrainingData } from "../train/data.ts";
import { checkSameTokenizer, checkTeacher, checkWindows, readTeacher } from "../train/teacher.ts";
import type { PipelineConfig } from "./config.ts";
import type { PipelineOptions } from "./config_schema.ts";
import { SHIPPED_TEACHER } from "./recipe.ts";

/**
 * Returns the folder of the model that a student is cut out of: `cutFrom`, the teacher, or of a store the shipped model
 * if the store was written by it.
 *
 * @throws {UsageError} If the teacher is a store that another model wrote, and `cutFrom` names none.
 * @throws {FileError} If the store cannot be read.
 */
export async function sourceOf({ cutFrom = "auto" }: PipelineOptions, teacher: string): Promise<string> {
  if (cutFrom !== "auto") return cutFrom;
  const manifest = await isStore(teacher) ? await readStoreManifest(teacher) : undefined;
  if (!manifest) return teacher;
  const { hash } = manifest.teacher;
  const folder = await shipped(SHIPPED_TEACHER);
  if (folder !== undefined && await hashParameters((await readFiniteModel(folder)).parameters) === hash) return folder;
  throw new UsageError(
    `Cannot cut a student out of '${teacher}': a store has no weights, and the model that wrote it (SHA-256 ` +
      `${hash.slice(0, 12)}) is not the one that comes with the project; name its folder with --cut-from`,
  );
}

/**
 * Opens the model that a student learns from: what it is cut out of, also where that has written the store, or another.
 *
 * @param source What the student is cut out of; it stays the caller's, also where it is what is returned.
 * @returns Nothing if the student learns from the text alone, or from what another model has left in a store.
 * @throws {FileError} If the folder is no model, or the store cannot be read.
 */
export async function teacherOf(
  { teacher, cutFrom }: Pick<PipelineConfig, "teacher" | "cutFrom">,
  source: Model,
): Promise<Model | undefined> {
  if (teacher === cutFrom) return source;
  if (teacher === "none") return undefined;
  const manifest = await isStore(teacher) ? await readStoreManifest(teacher) : undefined;
  if (!manifest) return await loadModel(teacher, source.device);
  return manifest.teacher.hash === await hashParameters(await source.parameters()) ? source : undefined;
}

/**
 * Refuses, before anything is spent, a teacher that a student cannot learn from.
 *
 * @param model What the student is cut out of: it has the same vocabulary and windows.
 * @throws {UsageError} If they do not fit.
 * @throws {FileError} If the teacher cannot be read.
 */
export async function checkLessons(config: PipelineConfig, model: Initial): Promise<void> {
  if (config.teacher === config.cutFrom) return;
  const teacher = await readTeacher(config.teacher);
  using _ = teacher?.kind === "store" ? teacher.store : undefined;
  if (teacher) checkTeacher(teacher, { ...config, vocabulary: model.config.vocabularySize }, model);
}

/**
 * Refuses, before a search, a teacher that reads other tokens, or a store without windows that training will draw.
 *
 * @throws {UsageError} If tokenizers differ.
 * @throws {FileError} If the store lacks a window, or the teacher cannot be read.
 */
export async function checkText(config: PipelineConfig, { tokenizer, train }: TrainingData): Promise<void> {
  if (config.teacher === config.cutFrom) return;
  const teacher = await readTeacher(config.teacher);
  if (!teacher) return;
  using store = teacher.kind === "store" ? teacher.store : undefined;
  await checkSameTokenizer(teacher, tokenizer);
  if (store) checkWindows(store, train, config);
}
