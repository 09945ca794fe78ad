/**
 * One run of a study.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { readLog } from "../io/run_log.ts";
import { trainingFlopsPerToken } from "../model/flops.ts";
import type { PretrainOptions } from "../train/config.ts";
import { train } from "../train/pretrain.ts";
import { TrainingError, type TrainRow } from "../train/records.ts";
import { findRun, isFinished, type RunPlace } from "../train/resume.ts";
import { modelOf, prepareRun } from "../train/run.ts";
import { isCutOut, nameOf } from "./arms.ts";
import type { StudyConfig } from "./config.ts";
import { type Cell, cellName, type CellResult } from "./results.ts";
import type { StoredStudent } from "./student.ts";

/** What a run needs besides its cell. */
export interface CellOptions {
  readonly config: StudyConfig;
  readonly student: StoredStudent;
  /** Folder of the runs. */
  readonly runs: string;
  /** The folder of what it learns from, or `none`. */
  readonly teacher: string;
  readonly signal?: AbortSignal | undefined;
  /** Told what is not as it should be. */
  readonly notice: (line: string) => void;
}

/** Log rows of a run, about. */
const ROWS = 40;
/** Steps that are lost at most where a process is killed. */
const CHECKPOINT_EVERY = 250;

/**
 * Trains a student, or goes on with it, and returns the row of what it came to. A learning rate at which training
 * diverges is an outcome too: the worst one.
 *
 * @returns Nothing where the signal ended it before.
 * @throws {UsageError} If hidden states are to be compared on other axes than those that the student was cut out on.
 */
export async function runCell(cell: Cell, options: CellOptions): Promise<CellResult | undefined> {
  const { student: { record }, notice } = options;
  const place = await findRun({ ...settingsOf(cell, options), resume: "auto" }, {});
  const { steps, batch, sequence } = place.config;
  let last: TrainRow | undefined, diverged = false;
  try {
    last = isFinished(place)
      ? (await readLog(place.directory!.log)).at(-1) as TrainRow | undefined
      : await trainOn(place, cell, options);
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    notice(`run ${cellName(cell)} diverged: ${error.message}`);
    diverged = true;
  }
  if (!diverged && last?.step !== steps) return undefined;
  const { arm: { start, lesson }, seed, lr } = cell;
  const { tokens = steps * batch * sequence, flops = 0 } = last ?? {};
  const training = tokens * trainingFlopsPerToken(modelOf(place), sequence);
  return {
    ...{ arm: nameOf(cell.arm), start, lesson, seed, steps, lr, tokens },
    ...{ loss: last?.val_loss ?? Infinity, bits_per_byte: last?.val_bpb ?? Infinity, untrained_loss: record.loss },
    ...(record.fitness !== undefined && { fitness: record.fitness }),
    parameters: record.parameters,
    ...{ training_flops: training, teacher_flops: Math.max(0, flops - training), start_flops: record.flops },
    seconds: last?.elapsed_s ?? 0,
  };
}

async function trainOn(place: RunPlace, { arm: { start, lesson } }: Cell, options: CellOptions) {
  const { signal, notice, student: { folder }, teacher } = options;
  using run = await prepareRun(place, { warn: notice });
  if (lesson === "hidden" && isCutOut(start) && !run.hidden?.width) {
    throw new UsageError(
      `Cannot compare hidden states of '${folder}' with '${teacher}': its subnet.json must name that teacher's weights, ` +
        "found others or none; make both anew on one kind of device",
    );
  }
  let last: TrainRow | undefined;
  for await (const row of train(run, signal)) last = row;
  return last;
}

function settingsOf(cell: Cell, { config, student: { folder }, runs, teacher }: CellOptions): PretrainOptions {
  const { arm: { lesson }, seed, steps, lr } = cell;
  const { batch, alpha, beta, gamma, temperature, evalTokens, device, threads } = config;
  return {
    ...{ name: cellName(cell), out: runs, init: folder, seed, batch, steps, lr, device, threads },
    ...{ schedule: "linear", minLr: 0 },
    ...(lesson !== "plain" && { teacher, alpha, beta, temperature }),
    ...(lesson === "hidden" && { gamma }),
    ...{ evalEvery: 0, evalTokens, checkpointEvery: CHECKPOINT_EVERY, keep: 1, sampleTokens: 0 },
    logEvery: Math.ceil(steps / ROWS),
  };
}
