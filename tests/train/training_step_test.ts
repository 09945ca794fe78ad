import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Model } from "../../lib/model/model.ts";
import { learningRate } from "../../lib/train/schedule.ts";
import { stepGraphs, type StepOptions, TrainingStep } from "../../lib/train/training_step.ts";
import {
  assertSameValues,
  largeParameters,
  passOf,
  randomTokens,
  relativeError,
  smallNeoX,
} from "../model/small_neox.ts";
import { tfLossAndGradients } from "../model/tfjs_gpt_neox.ts";
import { AdamW, constants } from "./float64_adamw.ts";

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  /**
   * All of a head is rotated, because a key's bias that is not rotated adds the same to all scores: its gradient is zero
   * but for rounding, of which AdamW makes whole steps.
   */
  const config = { ...smallNeoX, layers: 1, rotaryFraction: 1 };
  Deno.test.afterAll(() => device[Symbol.dispose]());

  const options: StepOptions = {
    microBatch: 2,
    accumulation: 2,
    sequence: config.sequence,
    clip: 2.5,
    pending: 20,
    ...constants,
  };
  const schedule = { lr: 0.01, minLr: 0.1, schedule: "cosine", warmup: 5, decayShare: 0 } as const;

  Deno.test(`20 steps follow TensorFlow.js's gradients and AdamW in double precision (${kind})`, async () => {
    const steps = 20;
    const tokens = randomTokens(config, 4 * steps, config.sequence + 1);
    const batch = (step: number) => tokens.slice(4 * (step - 1), 4 * step);
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, options);
    const oracle = new AdamW(largeParameters(config), options.clip);
    const expected: { loss: number; norm: number }[] = [];
    for (let step = 1; step <= steps; step++) {
      const lr = learningRate(step - 1, steps, schedule);
      training.submit([passOf(batch(step).slice(0, 2)), passOf(batch(step).slice(2))], lr, step);
      const { loss, gradients } = tfLossAndGradients(config, oracle.rounded("parameters"), batch(step));
      expected.push({ loss, norm: oracle.update(gradients, lr, step) });
    }
    const results = await training.drain();
    assertEquals(results.length, steps);
    results.forEach(({ loss, gradientNorm }, i) => {
      assertAlmostEquals(loss, expected[i]!.loss, 1e-5 * expected[i]!.loss, `loss of step ${i + 1}`);
      assertAlmostEquals(gradientNorm, expected[i]!.norm, 1e-4 * expected[i]!.norm, `gradient norm of step ${i + 1}`);
    });
    assert(expected.some(({ norm }) => norm > options.clip) && expected.some(({ norm }) => norm < options.clip));
    assertSameValues(await model.parameters(), oracle.rounded("parameters"), 1e-4);
    const { first, second } = await training.moments();
    assertSameValues(first, oracle.rounded("first"), 1e-3);
    assertSameValues(second, oracle.rounded("second"), 1e-3);
  });

  Deno.test(`gradients of two half batches add up to those of the whole (${kind})`, async () => {
    const tokens = randomTokens(config, 4, config.sequence + 1);
    const [halves, whole] = [[passOf(tokens.slice(0, 2)), passOf(tokens.slice(2))], [passOf(tokens)]];
    const run = async (batches: typeof halves, microBatch: number) => {
      using model = await Model.create(device, config, largeParameters(config));
      using training = await TrainingStep.create(model, { ...options, microBatch, accumulation: batches.length });
      for (let step = 1; step <= 3; step++) training.submit(batches, 0.003, step);
      return { results: await training.drain(), parameters: await model.parameters() };
    };
    const [accumulated, direct] = [await run(halves, 2), await run(whole, 4)];
    for (const key of ["loss", "gradientNorm"] as const) {
      const of = (run: typeof direct) => run.results.map((result) => result[key]);
      assert(relativeError(of(accumulated), of(direct)) < 1e-5, key);
    }
    assertSameValues(accumulated.parameters, direct.parameters, 1e-5);
  });

  Deno.test(`a warmed-up step makes nothing and waits for nothing: one submission (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, options);
    const tokens = randomTokens(config, 4, config.sequence + 1);
    const submit = (step: number) =>
      training.submit([passOf(tokens.slice(0, 2)), passOf(tokens.slice(2))], 0.001, step);
    submit(1);
    const before = { ...device.counters };
    for (let step = 2; step <= 6; step++) {
      submit(step);
      assertEquals({ ...device.counters }, { ...before, submits: before.submits + step - 1 });
    }
    assertEquals(training.pending, 6);
    assertEquals((await training.drain()).length, 6);
    assertEquals(training.pending, 0);
    assertEquals(device.counters.waits, before.waits + 1);
  });

  Deno.test(`a few hundred steps learn one batch by heart (${kind})`, async () => {
    const shape = { ...config, width: 16, heads: 2, mlpWidth: 32, rotaryFraction: 0.5 };
    using model = await Model.create(device, shape, largeParameters(shape));
    using training = await TrainingStep.create(model, {
      ...{ ...options, microBatch: 4, accumulation: 1, clip: 1, pending: 300, weightDecay: 0 },
    });
    // Each row begins with a token of its own, so that what follows can be known.
    const batch = passOf(randomTokens(shape, 4, 8).map((row, i) => [i, ...row.slice(1)]));
    for (let step = 1; step <= 300; step++) training.submit([batch], 0.01, step);
    const losses = (await training.drain()).map(({ loss }) => loss);
    assert(losses[0]! > 2, `first loss ${losses[0]}`);
    assert(losses.at(-1)! < 0.05, `last loss ${losses.at(-1)}`);
  });

  Deno.test(`a step that goes on from saved parameters and moments gives the bytes of one that never stopped (${kind})`, async () => {
    const tokens = randomTokens(config, 4 * 6, config.sequence + 1);
    const submit = (training: TrainingStep, from: number, to: number) => {
      for (let step = from; step <= to; step++) {
        const [a, b] = [tokens.slice(4 * step - 4, 4 * step - 2), tokens.slice(4 * step - 2, 4 * step)];
        training.submit([passOf(a), passOf(b)], 0.01, step);
      }
    };
    const dropping = { ...options, dropout: 0.2, seed: 5 };
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, dropping);
    submit(training, 1, 3);
    await training.drain();
    using resumed = await Model.create(device, config, await model.parameters());
    using continued = await TrainingStep.create(resumed, dropping);
    continued.restore(await training.moments());
    submit(training, 4, 6);
    submit(continued, 4, 6);
    assertEquals(await continued.drain(), await training.drain());
    assertEquals(await resumed.parameters(), await model.parameters());
    assertEquals(await continued.moments(), await training.moments());
  });

  Deno.test(`pages larger than a binding are updated in parts, with the same results (${kind})`, async () => {
    const run = async (maxBindingBytes?: number) => {
      using device = await openDevice("webgpu", maxBindingBytes ? { maxBindingBytes } : {});
      using model = await Model.create(device, config, largeParameters(config));
      using training = await TrainingStep.create(model, options);
      const pass = passOf(randomTokens(config, 2, config.sequence + 1));
      for (let step = 1; step <= 3; step++) training.submit([pass, pass], 0.01, step);
      const losses = (await training.drain()).map(({ loss }) => loss);
      return { losses, parameters: await model.parameters(), pageBytes: 4 * model.pages.sizes[0]! };
    };
    const [split, whole] = [await run(20_480), await run()];
    assert(whole.pageBytes > 20_480);
    assert(relativeError(split.losses, whole.losses) < 1e-6);
    assertSameValues(split.parameters, whole.parameters, 1e-5);
  });

  Deno.test(`the padding between parameters stays zero (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, options);
    const pass = passOf(randomTokens(config, 2, config.sequence + 1));
    for (let step = 1; step <= 2; step++) training.submit([pass, pass], 0.01, step);
    const page = await model.store.read("parameters.0");
    for (const { name, offset, shape } of model.pages.placements) {
      const end = offset + shape.reduce((size, length) => size * length, 1);
      assert(page.slice(end, Math.ceil(end / 64) * 64).every((value) => value === 0), `behind ${name}`);
    }
  });

  Deno.test(`planned bytes are those that a step allocates, and disposing of it frees them (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    const before = device.counters.bytes;
    const { pass, update } = stepGraphs(config, model.pages, options);
    const state = 64 + 3 * model.pages.sizes.reduce((sum, size) => sum + size, 0);
    const planned = device.estimate(pass).programBytes + device.estimate(update).programBytes + 4 * state;
    const ring = device.createRing(2, options.pending);
    const results = device.counters.bytes - before;
    ring[Symbol.dispose]();
    {
      using _ = await TrainingStep.create(model, options);
      assertEquals(device.counters.bytes - before, planned + results);
    }
    assertEquals(device.counters.bytes, before);
  });

  Deno.test(`a step takes as many micro-batches as it accumulates, each of its own shape (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, options);
    const pass = passOf(randomTokens(config, 2, config.sequence + 1));
    assertThrows(() => training.submit([pass], 0.1, 7), RangeError, "step 7: it takes 2 micro-batches, found 1");
    const short = passOf(randomTokens(config, 1, config.sequence + 1));
    assertThrows(() => training.submit([pass, short], 0.1, 7), RangeError, "takes 14 values of u32, found 7 of u32");
    assertEquals(training.pending, 0);
  });
}
