/**
 * One run of a study.
 *
 * @module
 */

import { readLog } from "../io/run_log.ts";
import { trainingFlopsPerToken } from "../model/flops.ts";
import type { PretrainOptions } from "../train/config.ts";
import { train } from "../train/pretrain.ts";
import type { TrainRow } from "../train/records.ts";
import { findRun, isFinished } from "../train/resume.ts";
import { modelOf, prepareRun } from "../train/run.ts";
import { nameOf } from "./arms.ts";
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
}

/** Log rows of a run, about. */
const ROWS = 40;
/** Steps that are lost at most where a process is killed. */
const CHECKPOINT_EVERY = 250;

/**
 * Trains a student, or goes on with it, and returns the row of what it came to.
 *
 * @returns Nothing where the signal ended it before.
 */
export async function runCell(cell: Cell, options: CellOptions): Promise<CellResult | undefined> {
  const { signal, student: { record } } = options;
  const place = await findRun({ ...settingsOf(cell, options), resume: "auto" }, {});
  const { steps } = place.config;
  let last: TrainRow | undefined;
  if (isFinished(place)) last = (await readLog(place.directory!.log)).at(-1) as TrainRow | undefined;
  else {
    using run = await prepareRun(place);
    for await (const row of train(run, signal)) last = row;
  }
  if (last?.step !== steps) return undefined;
  const { arm: { start, lesson }, seed, lr } = cell;
  const { tokens, flops } = last;
  const training = tokens * trainingFlopsPerToken(modelOf(place), place.config.sequence);
  return {
    ...{ arm: nameOf(cell.arm), start, lesson, seed, steps, lr, tokens },
    ...{ loss: last.val_loss!, bits_per_byte: last.val_bpb!, untrained_loss: record.loss },
    ...(record.fitness !== undefined && { fitness: record.fitness }),
    parameters: record.parameters,
    ...{ training_flops: training, teacher_flops: flops - training, start_flops: record.flops },
    seconds: last.elapsed_s,
  };
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
