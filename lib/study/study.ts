/**
 * A study: which starts and lessons need fewer tokens and FLOPs than a random start (Where to Begin, arXiv 2510.07227).
 *
 * @module
 */

import { validate } from "../cli/validate.ts";
import { StudyDirectory } from "../io/study_directory.ts";
import { type Arm, armsOf, nameOf, REFERENCE } from "./arms.ts";
import { begin, type StoredStudy } from "./begin.ts";
import { checkStoreWindows } from "./check.ts";
import { gridOf, type StudyConfig, type StudyOptions, studySchema, withQuick } from "./config.ts";
import { hasTried, rateAt, tunedRate, TUNING_SEED } from "./rates.ts";
import { type Cell, cellName, type CellResult, hasConverged, parseResult, resultName } from "./results.ts";
import { runCell } from "./run_cell.ts";
import { type StoredStudent, studentName, studentOf } from "./student.ts";
import { teacherOf } from "./teacher.ts";
import { type OpenTools, openTools } from "./tools.ts";

/** Who is told what while a study goes on. */
export interface StudyRunOptions {
  /** Ends the study after the step under way; what is done is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done, a line at a time. */
  readonly notice?: ((line: string) => void) | undefined;
  /** Told what is not as it should be, a line at a time. @default `notice` */
  readonly warn?: ((line: string) => void) | undefined;
}

/**
 * Works on a study and yields what each run came to, those of earlier calls left out.
 *
 * Several processes may work on one study: each takes runs that no other one is at. Each arm first takes each learning
 * rate on a small budget of one seed and keeps the best. Then the grid follows, seed by seed and budget by budget, so that
 * a study that is ended early compares all arms on something. A call that is ended is gone on with by the same call; one
 * with another grid adds to what there is.
 *
 * @param options Settings; what is not given is as the study was begun, or has the defaults of `deno task reproduce`.
 * @throws {UsageError} If a setting is wrong, or differs from what the study was begun with.
 * @throws {FileError} If the teacher or the directory cannot be used.
 */
export async function* study(
  options: StudyOptions = {},
  { signal, notice = () => {}, warn = notice }: StudyRunOptions = {},
): AsyncGenerator<CellResult> {
  const given = withQuick(options);
  const directory = new StudyDirectory(validate(studySchema, given).out);
  const begun = await directory.readConfig() as StoredStudy | undefined;
  const config = validate(studySchema, { ...begun?.settings, ...given });
  const grid = gridOf(config);
  checkStoreWindows(config, grid);
  const open = () => openTools(config, directory);
  await begin(config, directory, open);
  const take = async (cell: Cell): Promise<CellResult | undefined> => {
    if (signal?.aborted) return undefined;
    using claim = await directory.claim(cellName(cell));
    // Another process may have finished it since this one began.
    if (!claim || (await readResults(directory)).some((each) => resultName(each) === cellName(cell))) return undefined;
    notice(`run ${cellName(cell)}`);
    const student = await makeOnce(directory, cell, open);
    const teacher = await teacherOf(cell.arm, { config, directory, open, signal, notice });
    if (signal?.aborted) return undefined;
    const result = await runCell(cell, { config, student, runs: directory.runs, teacher, signal, notice: warn });
    if (result) await directory.addResult(result);
    return result;
  };

  const rates = new Map<string, number>();
  const arms = armsOf(grid.starts, grid.lessons);
  for (const arm of arms) {
    const { tuningSteps: steps } = config;
    for (const lr of grid.rates.length > 1 ? grid.rates : []) {
      const result = await take({ arm, seed: TUNING_SEED, steps, lr });
      if (result) yield result;
      if (signal?.aborted) return;
    }
    const rate = tunedRate(await readResults(directory), arm, config);
    // Where other processes are still at its rates, the arm waits for another call.
    if (rate === undefined) {
      notice(`arm ${nameOf(arm)}: its learning rates are being tried elsewhere; left for a later call`);
    } else rates.set(nameOf(arm), rate);
  }
  // The rates of the reference are decided on one seed, before the others take them.
  for (const seed of grid.seeds.toSorted((a, b) => Number(b === TUNING_SEED) - Number(a === TUNING_SEED))) {
    const known = await readResults(directory);
    const ratesAt = (arm: Arm, steps: number): readonly number[] => {
      const tuned = rates.get(nameOf(arm));
      if (tuned === undefined || arm !== REFERENCE) return tuned === undefined ? [] : [tuned];
      if (seed !== TUNING_SEED) {
        if (hasTried(known, steps, grid.referenceRates)) return [rateAt(known, arm, steps, config)!];
        notice(
          `arm ${
            nameOf(arm)
          }: seed ${TUNING_SEED} has not tried all its rates at ${steps} steps; left for a later call`,
        );
        return [];
      }
      return grid.referenceRates.length > 0 ? grid.referenceRates : [tuned];
    };
    for (const cell of cellsOf(arms, seed, grid, ratesAt)) {
      const result = await take(cell);
      if (result) yield result;
      if (signal?.aborted) return;
    }
  }
}

/** The runs of one seed, small budgets of all arms first. */
function* cellsOf(
  arms: readonly Arm[],
  seed: number,
  { steps, referenceSteps }: ReturnType<typeof gridOf>,
  ratesAt: (arm: Arm, steps: number) => readonly number[],
): Generator<Cell> {
  for (const budget of [...new Set([...steps, ...referenceSteps])].sort((a, b) => a - b)) {
    const all = steps.includes(budget) ? arms : [REFERENCE];
    for (const arm of all) {
      for (const lr of ratesAt(arm, budget)) yield { arm, seed, steps: budget, lr };
    }
  }
}

/**
 * Reads what is known of a study: how it was begun, and the results of each arm's chosen learning rate.
 *
 * @returns Nothing where there is no study.
 */
export async function readStudy(
  path: string,
): Promise<{ readonly stored: StoredStudy; readonly results: readonly CellResult[] } | undefined> {
  const directory = new StudyDirectory(path);
  const stored = await directory.readConfig() as StoredStudy | undefined;
  if (!stored) return undefined;
  const all = await readResults(directory);
  const settings = stored.settings as StudyConfig;
  const results = all.filter((each) => hasConverged(each) && each.lr === rateAt(all, each, each.steps, settings));
  return { stored, results };
}

/** Makes a student, unless it is there or another process is at it; then it waits for that. */
async function makeOnce(
  directory: StudyDirectory,
  { arm: { start }, seed }: Cell,
  open: OpenTools,
): Promise<StoredStudent> {
  using _lock = await directory.lockPart(`student-${studentName({ start, seed })}`);
  return await studentOf(directory.students, { start, seed }, open);
}

async function readResults(directory: StudyDirectory): Promise<CellResult[]> {
  return (await directory.readResults<CellResult>("steps")).map(parseResult);
}
