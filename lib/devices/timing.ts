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
  const clock = async (work: () => void) => {
    await device.finish();
    const start = performance.now();
    work();
    await device.finish();
    return performance.now() - start;
  };
  const waits = [await clock(() => {}), await clock(() => {}), await clock(() => {})];
  const wait = Math.min(...waits);
  return async (device, program, runs) => Math.max(0, await clock(() => submit(device, program, runs)) - wait);
}
