import type { Device, Program } from "./device.ts";

/** Milliseconds of work in one measurement: many times what a clock or a launch costs. */
const MEASUREMENT_MS = 30;
/** Milliseconds of work that are measured at least: in many short pieces, so that one meets a quiet moment. */
const TOTAL_MS = 500;

/**
 * Measures the milliseconds of device time that one run of a program takes: the best of several measurements of many
 * runs each.
 *
 * Device timestamps are used if the device was opened with `profile`, else the clock around the wait for the device,
 * less what the wait takes when there is nothing to wait for.
 */
export async function timeRun(device: Device, program: Program): Promise<number> {
  const measure = device.profiler ? deviceTime : await hostTime(device);
  await measure(device, program, 1); // drivers compile at the first launch
  let runs = 1;
  while (await measure(device, program, runs) < MEASUREMENT_MS) runs *= 2;
  let best = Infinity;
  for (let total = 0; total < TOTAL_MS;) {
    const ms = await measure(device, program, runs);
    best = Math.min(best, ms / runs);
    total += ms;
  }
  return best;
}

/**
 * Milliseconds of runs that are sent between two waits, at least: short, so that on a busy machine some of them meet a
 * quiet moment.
 */
const SUBMISSIONS_MS = 5;
/** Submissions that are sent between two waits, at most: queues must hold them. */
const MOST_SUBMISSIONS = 512;
/** Measurements are as many times longer than a wait, whose length may differ by as much as itself. */
const WAITS = 10;

/** What {@linkcode timeSubmissions} measured. */
export interface SubmissionTimes {
  /** Milliseconds of one run, for each measurement. */
  readonly milliseconds: readonly number[];
  /** Runs in all, those to warm up included. */
  readonly runs: number;
}

/**
 * Measures the milliseconds that one run of a program takes with all that belongs to it: recording, submission and
 * launches. Each run is a submission of its own; many are sent, and then waited for once, as a wait costs 11 ms on
 * WebGPU. What a wait takes when there is nothing to wait for is taken off.
 *
 * @param repeats Measurements, at least 1; each is of the same number of runs.
 */
export async function timeSubmissions(device: Device, program: Program, repeats: number): Promise<SubmissionTimes> {
  const send = (runs: number) => {
    for (let run = 0; run < runs; run++) program.run();
  };
  const wait = await waitTime(device);
  let runs = 1, all = 0;
  const measure = async () => {
    all += runs;
    return Math.max(0, await clock(device, () => send(runs)) - wait);
  };
  await measure(); // drivers compile at the first launch
  const least = Math.max(SUBMISSIONS_MS, WAITS * wait);
  while (await measure() < least && runs < MOST_SUBMISSIONS) runs *= 2;
  const milliseconds: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) milliseconds.push(await measure() / runs);
  return { milliseconds, runs: all };
}

type Measure = (device: Device, program: Program, runs: number) => Promise<number>;

function submit(device: Device, program: Program, runs: number): void {
  device.submit((recorder) => {
    for (let run = 0; run < runs; run++) recorder.run(program);
  });
}

async function deviceTime(device: Device, program: Program, runs: number): Promise<number> {
  submit(device, program, runs);
  const kernels = await device.profiler!.collect();
  return kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

async function hostTime(device: Device): Promise<Measure> {
  const wait = await waitTime(device);
  return async (device, program, runs) => {
    return Math.max(0, await clock(device, () => submit(device, program, runs)) - wait);
  };
}

/** Milliseconds from when a device is idle until it has done what it is given. */
async function clock(device: Device, work: () => void): Promise<number> {
  await device.finish();
  const start = performance.now();
  work();
  await device.finish();
  return performance.now() - start;
}

/** Milliseconds of a wait for nothing. */
async function waitTime(device: Device): Promise<number> {
  const waits = [await clock(device, () => {}), await clock(device, () => {}), await clock(device, () => {})];
  return Math.min(...waits);
}
