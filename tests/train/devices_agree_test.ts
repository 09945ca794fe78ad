import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { Model } from "../../lib/model/model.ts";
import { preset } from "../../lib/model/presets.ts";
import { resolveConfig, stepOptions } from "../../lib/train/config.ts";
import { type StepResult, TrainingStep } from "../../lib/train/training_step.ts";
import { integers } from "../ops/harness.ts";

const BATCH = 3;
const SEQUENCE = 55; // not a multiple of any tile or block
const sizes = { vocabularySize: 301, width: 48, layers: 2, heads: 3, mlpWidth: 100, sequence: SEQUENCE };

/** Trains on one batch of random tokens, and returns what each step reports and the parameters after the last. */
async function trained(
  kind: "cpu" | "webgpu",
  steps: number,
  options: { threads?: number; shared?: boolean; relaxed?: boolean } = {},
  changed: Partial<GPTNeoXConfig> = {},
) {
  const config = { ...preset("tiny").config, ...sizes, ...changed };
  using device = await openDevice(kind, options);
  using model = await Model.create(device, config, initialise(config, 1));
  const shape = { microBatch: BATCH, accumulation: 1, sequence: SEQUENCE };
  using step = await TrainingStep.create(model, { ...stepOptions(resolveConfig()), ...shape });
  const draw = (name: string) => integers(name, BATCH * SEQUENCE, sizes.vocabularySize);
  const batch = { tokens: draw("tokens"), targets: draw("targets") };
  const results: StepResult[] = [];
  for (let i = 1; i <= steps; i++) {
    step.submit([batch], 1e-3, i);
    results.push(...await step.drain());
  }
  return { results, parameters: await model.store.read("parameters.0") };
}

/** The largest difference of two runs' losses. */
function drift(a: readonly StepResult[], b: readonly StepResult[]): number {
  return Math.max(...a.map(({ loss }, i) => Math.abs(loss - b[i]!.loss)));
}

for (const parallelResidual of [true, false]) {
  Deno.test(`fifty steps on the CPU and on WebGPU drift by less than 1e-3 in loss, parallel residual ${parallelResidual}`, async () => {
    const cpu = await trained("cpu", 50, {}, { parallelResidual });
    const gpu = await trained("webgpu", 50, {}, { parallelResidual });
    assert(cpu.results.at(-1)!.loss < cpu.results[0]!.loss - 1, "the model learns the batch");
    assert(drift(cpu.results, gpu.results) < 1e-3);
    assert(drift(cpu.results.slice(0, 5), gpu.results.slice(0, 5)) < 1e-5);
  });
}

Deno.test("training gives the same bits on any number of threads, and on the host's own", async () => {
  const one = await trained("cpu", 4, { threads: 1 });
  for (const threads of [0, 2, 3]) {
    assertEquals(await trained("cpu", 4, { threads }), one, `${threads} threads`);
  }
});

Deno.test("without relaxed SIMD or shared memory, training agrees to the last digits", async () => {
  const best = await trained("cpu", 4);
  for (const options of [{ relaxed: false }, { shared: false }]) {
    assert(drift((await trained("cpu", 4, options)).results, best.results) < 1e-5);
  }
});
