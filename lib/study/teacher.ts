/**
 * What the students of a study learn from: the teacher, the same on other axes, or a store. Each is made once.
 *
 * @module
 */

import { exists } from "../io/files.ts";
import { saveModel } from "../io/model_folder.ts";
import type { StudyDirectory } from "../io/study_directory.ts";
import { formatCount } from "../units.ts";
import { type Arm, isCutOut } from "./arms.ts";
import { type Axes, axesOf, onAxes } from "./axes.ts";
import type { StudyConfig } from "./config.ts";
import { fillStore, isWhole } from "./store.ts";
import type { OpenTools } from "./tools.ts";

/** Where a study keeps things, and who is told what. */
export interface TeacherOptions {
  readonly config: StudyConfig;
  readonly directory: StudyDirectory;
  /** Opens what a store or a turned teacher is made with; it is called only to make one. */
  readonly open: OpenTools;
  /** Ends the writing of a store after the file under way. */
  readonly signal: AbortSignal | undefined;
  readonly notice: (line: string) => void;
}

/**
 * Returns the folder of what an arm learns from, or `none`, and makes what is not there yet. Hidden states are compared
 * on the axes on which a student was cut out, as its coordinates are those.
 */
export async function teacherOf({ start, lesson }: Arm, options: TeacherOptions): Promise<string> {
  const { config: { teacher }, directory } = options;
  if (lesson === "plain") return "none";
  if (lesson === "online") return teacher;
  if (lesson === "store") {
    await teachOnce(options);
    return directory.store;
  }
  const axes = isCutOut(start) ? axesOf(start) : "given";
  return axes === "given" ? teacher : await turnOnce(axes, options);
}

/** Fills the store, unless it is whole. */
async function teachOnce({ directory, open, signal, notice }: TeacherOptions): Promise<void> {
  using _lock = await directory.lockPart("store");
  if (await isWhole(directory.store)) return;
  using tools = await open();
  let next = 0;
  for await (const { windows, of, tokens_per_s } of fillStore(directory.store, tools, signal)) {
    if (windows < next * of && windows < of) continue;
    next = windows / of + 0.1;
    notice(`store: ${windows} of ${of} windows, ${formatCount(Math.round(tokens_per_s))} tokens/s`);
  }
}

/** Writes the teacher on other axes, unless it is there. */
async function turnOnce(axes: Axes, { directory, open }: TeacherOptions): Promise<string> {
  using _lock = await directory.lockPart(`teacher-${axes}`);
  const folder = `${directory.teachers}/${axes}`;
  if (await exists(folder)) return folder;
  using tools = await open();
  const { teacher, data, config } = tools;
  using made = await onAxes(axes, { teacher, tokens: data.train, config });
  await saveModel(made.model, folder);
  return folder;
}
