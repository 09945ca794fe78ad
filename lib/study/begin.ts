/**
 * How a study is begun, and what must stay as it was when another call goes on with it.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { validate } from "../cli/validate.ts";
import type { StudyDirectory } from "../io/study_directory.ts";
import { countParameters } from "../model/parameters.ts";
import { resolveConfig } from "../train/config.ts";
import { readTeacher } from "../train/teacher.ts";
import { show } from "../unknown.ts";
import { checkStudents } from "./check.ts";
import { OF_THE_CALL, type StudyConfig, studySchema } from "./config.ts";
import { heldOutLoss } from "./student.ts";
import type { StudyFrame } from "./summary.ts";
import type { OpenTools } from "./tools.ts";

/** What a study keeps of how it was begun. */
export interface StoredStudy extends StudyFrame {
  readonly settings: Partial<StudyConfig>;
  /** SHA-256 of the teacher's weights. */
  readonly teacher_hash: string;
}

/**
 * Stores what a study is begun with.
 *
 * @throws {UsageError} If a setting does not fit the teacher, or one or the teacher differs from what the study was begun
 * with.
 * @throws {FileError} If the teacher or the directory cannot be used.
 */
export async function begin(
  config: StudyConfig,
  directory: StudyDirectory,
  open: OpenTools,
): Promise<void> {
  using _lock = await directory.lock();
  const stored = await directory.readConfig() as StoredStudy | undefined;
  const settings = ofTheStudy(config);
  if (stored) {
    // A setting that is younger than the study was at its default.
    const kept = ofTheStudy(validate(studySchema, stored.settings));
    for (const [name, value] of Object.entries(settings)) {
      const before = kept[name];
      if (before === value) continue;
      throw new UsageError(
        `Cannot go on with the study in '${directory.path}': its ${name} must stay ${before}, found ${value}; ` +
          "leave it out, or begin another study with --out",
      );
    }
  }
  const source = await readTeacher(config.teacher);
  if (source?.kind !== "model") {
    throw new UsageError(
      `Cannot use --teacher: it must be a Hugging Face folder of a model, found ${show(config.teacher)}`,
    );
  }
  const { hash } = source;
  if (stored && stored.teacher_hash !== hash) {
    throw new UsageError(
      `Cannot go on with the study in '${directory.path}': its teacher must have the weights it was begun with ` +
        `(SHA-256 ${stored.teacher_hash.slice(0, 12)}), found ${hash.slice(0, 12)}; begin another study with --out`,
    );
  }
  if (stored) return;
  using tools = await open();
  await checkStudents(tools);
  const { teacher, data } = tools;
  await directory.writeConfig({
    corpus: resolveConfig().corpus,
    teacher_parameters: countParameters(teacher.config),
    teacher_loss: await heldOutLoss(teacher, data, config),
    settings,
    teacher_hash: hash,
  });
}

function ofTheStudy(config: StudyConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !OF_THE_CALL.some((each) => each === name)));
}
