import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import type { HiddenAlignment } from "../../lib/model/hidden_alignment.ts";
import { Model } from "../../lib/model/model.ts";
import { pagesOf } from "../../lib/model/pages.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import { DIVERGENCES } from "../../lib/ops/distillation/mod.ts";
import { HIDDEN_LOSSES } from "../../lib/ops/hidden_loss/mod.ts";
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

/** All of a head is rotated, as in the test of steps without a teacher. */
const config: GPTNeoXConfig = { ...smallNeoX, layers: 1, rotaryFraction: 1 };
/** With two blocks, whose streams are compared in turned order. */
const deep: GPTNeoXConfig = { ...config, layers: 2 };
/** Of the student's vocabulary, and alike in nothing else. */
const large: GPTNeoXConfig = { ...smallNeoX, width: 32, heads: 2, layers: 2, mlpWidth: 40, parallelResidual: false };
const options: StepOptions = {
  ...{ microBatch: 2, accumulation: 2, sequence: config.sequence, clip: 2.5, pending: 20, ...constants },
};
/** The teacher's coordinates that a student's are. */
const kept = Array.from({ length: config.width }, (_, i) => i < 8 ? i : i + 8);
const tokens = randomTokens(config, 4 * 6, config.sequence + 1);
const rows = (step: number) => tokens.slice(4 * (step - 1), 4 * step);
const passes = (step: number) => [passOf(rows(step).slice(0, 2)), passOf(rows(step).slice(2))];
/** Other weights than the student's, which follow from names and sizes too. */
const wisdom = largeParameters(large);

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  /** Trains a student with and without its teacher. */
  const trained = async (given: Partial<StepOptions>, submit: (training: TrainingStep) => void, taught = true) => {
    using model = await Model.create(device, config, largeParameters(config));
    using teacher = await Model.create(device, large, wisdom);
    using training = await TrainingStep.create(model, { ...options, ...given }, taught ? teacher : undefined);
    submit(training);
    const results = await training.drain();
    assertEquals(await teacher.parameters(), wisdom, "the teacher stays as it is");
    return { results, parameters: await model.parameters(), moments: await training.moments() };
  };

  for (const divergence of DIVERGENCES) {
    Deno.test(`steps with a teacher follow TensorFlow.js's gradients of ${divergence} (${kind})`, async () => {
      const schedule = [[0.3, 0.7, 2], [0.5, 0.5, 1], [0, 1, 0.7]] as const;
      const weights = schedule.map(([alpha, beta, temperature]) => ({ alpha, beta, temperature }));
      const found = await trained({ divergence, divergenceWeight: 0.3 }, (training) => {
        weights.forEach((each, i) => training.submit(passes(i + 1), 0.01, i + 1, each));
      });
      const oracle = new AdamW(largeParameters(config), options.clip);
      assertEquals(found.results.length, weights.length);
      weights.forEach((each, i) => {
        const given = { ...each, config: large, parameters: wisdom, divergence, weight: 0.3 };
        const expected = tfLossAndGradients(config, oracle.rounded("parameters"), rows(i + 1), given);
        const norm = oracle.update(expected.gradients, 0.01, i + 1);
        for (const part of ["loss", "crossEntropy", "divergence"] as const) {
          assertAlmostEquals(found.results[i]![part]!, expected[part], 1e-5 * expected[part], `${part} of ${i + 1}`);
        }
        assertAlmostEquals(found.results[i]!.gradientNorm, norm, 1e-4 * norm, `gradient norm of ${i + 1}`);
      });
      assertSameValues(found.parameters, oracle.rounded("parameters"), 1e-4);
      assertSameValues(found.moments.first, oracle.rounded("first"), 1e-3);
      assertSameValues(found.moments.second, oracle.rounded("second"), 1e-3);
    });
  }

  for (const form of HIDDEN_LOSSES) {
    for (const width of [undefined, kept]) {
      const how = width ? "in kept coordinates" : "through a projection";
      Deno.test(`steps that compare hidden states ${how} follow TensorFlow.js's gradients of ${form} (${kind})`, async () => {
        const hidden: HiddenAlignment = { layers: [[0, 1], [1, 0]], width, form };
        using model = await Model.create(device, deep, largeParameters(deep));
        using teacher = await Model.create(device, large, wisdom);
        using training = await TrainingStep.create(model, { ...options, hidden }, teacher);
        const projection = await training.projection();
        assertEquals(projection?.shape, width ? undefined : [large.width, deep.width]);
        const initial = new Map([
          ...largeParameters(deep),
          ...(projection ? [["projection", projection.values] as const] : []),
        ]);
        const oracle = new AdamW(initial, options.clip);
        const weights = [0.5, 2, 1].map((gamma) => ({ alpha: 0.3, beta: 0.4, temperature: 2, gamma }));
        weights.forEach((each, i) => training.submit(passes(i + 1), 0.01, i + 1, each));
        const results = await training.drain();
        weights.forEach((each, i) => {
          const given = { ...each, config: large, parameters: wisdom, divergence: "forward_kl", weight: 0.5 } as const;
          const expected = tfLossAndGradients(deep, oracle.rounded("parameters"), rows(i + 1), { ...given, hidden });
          const norm = oracle.update(expected.gradients, 0.01, i + 1);
          for (const part of ["loss", "crossEntropy", "divergence", "hiddenLoss"] as const) {
            assertAlmostEquals(results[i]![part]!, expected[part], 2e-5 * expected[part], `${part} of ${i + 1}`);
          }
          assertAlmostEquals(results[i]!.gradientNorm, norm, 1e-4 * norm, `gradient norm of ${i + 1}`);
        });
        const [moments, trained] = [await training.moments(), await training.projection()];
        const all = (values: ParameterValues, own: Float32Array<ArrayBuffer> | undefined) =>
          new Map([...values, ...(own ? [["projection", own] as const] : [])]);
        assertSameValues(all(await model.parameters(), trained?.values), oracle.rounded("parameters"), 1e-4);
        assertSameValues(all(moments.first, trained?.first), oracle.rounded("first"), 1e-3);
        assertSameValues(all(moments.second, trained?.second), oracle.rounded("second"), 2e-3);
        assertEquals(await teacher.parameters(), wisdom, "the teacher stays as it is");
      });
    }
  }

  Deno.test(`with gamma 0 a step that compares hidden states is one that does not, to rounding (${kind})`, async () => {
    const weights = { alpha: 0.5, beta: 0.5, temperature: 2 };
    const submit = (training: TrainingStep) => {
      for (let step = 1; step <= 3; step++) training.submit(passes(step), 0.01, step, { ...weights, gamma: 0 });
    };
    const idle = await trained({ hidden: { layers: [[0, 1]], width: kept } }, submit);
    const without = await trained({}, submit);
    assertSameValues(idle.parameters, without.parameters, 1e-6);
    assert(idle.results.every(({ hiddenLoss }) => hiddenLoss! > 0));
    assertEquals(without.results.map(({ hiddenLoss }) => hiddenLoss), [undefined, undefined, undefined]);
  });

  Deno.test(`a projection goes on from a checkpoint as if it had never stopped, and the seed decides it (${kind})`, async () => {
    const hidden: HiddenAlignment = { layers: [[0, 1]] };
    const weights = { alpha: 0.5, beta: 0.5, temperature: 1, gamma: 1 };
    using teacher = await Model.create(device, large, wisdom);
    const begin = (model: Model, seed: number) => TrainingStep.create(model, { ...options, hidden, seed }, teacher);
    using model = await Model.create(device, config, largeParameters(config));
    using training = await begin(model, 1);
    using other = await begin(model, 2);
    assert(relativeError((await other.projection())!.values, (await training.projection())!.values) > 0.5);
    training.submit(passes(1), 0.01, 1, weights);
    using resumed = await Model.create(device, config, await model.parameters());
    using continued = await begin(resumed, 2);
    continued.restore(await training.moments(), await training.projection());
    for (const each of [training, continued]) each.submit(passes(2), 0.01, 2, weights);
    assertEquals((await continued.drain())[0], (await training.drain())[1]);
    assertEquals(await continued.projection(), await training.projection());
    assertEquals(await resumed.parameters(), await model.parameters());
    assertThrows(() => continued.restore({ first: wisdom, second: wisdom }), RangeError);
  });

  Deno.test(`with alpha 1 and beta 0 a step is that without a teacher, to rounding (${kind})`, async () => {
    const weights = { alpha: 1, beta: 0, temperature: 3 };
    const submit = (with_?: typeof weights) => (training: TrainingStep) => {
      for (let step = 1; step <= 3; step++) training.submit(passes(step), 0.01, step, with_);
    };
    const [taught, alone] = [await trained({}, submit(weights)), await trained({}, submit(), false)];
    for (const key of ["loss", "gradientNorm"] as const) {
      assert(relativeError(taught.results.map((r) => r[key]), alone.results.map((r) => r[key])) < 1e-6, key);
    }
    assertSameValues(taught.parameters, alone.parameters, 1e-5);
    assertEquals(taught.results.map(({ crossEntropy }) => crossEntropy), taught.results.map(({ loss }) => loss));
    assertEquals(Object.keys(alone.results[0]!), ["loss", "gradientNorm"]);
  });

  Deno.test(`steps that go without the teacher are bit for bit those of a student that has none (${kind})`, async () => {
    const weights = { alpha: 0.5, beta: 0.5, temperature: 1 };
    const alone = (training: TrainingStep) => {
      for (let step = 1; step <= 3; step++) training.submit(passes(step), 0.01, step);
    };
    const weaned = await trained({ untaught: true, dropout: 0.1 }, alone);
    const never = await trained({ dropout: 0.1 }, alone, false);
    assertEquals([weaned.parameters, weaned.moments], [never.parameters, never.moments]);
    assertEquals(weaned.results, never.results.map((result) => ({ ...result, crossEntropy: result.loss })));

    const { results } = await trained({ untaught: true }, (training) => {
      training.submit(passes(1), 0.01, 1, weights);
      training.submit(passes(2), 0.01, 2);
      training.submit(passes(3), 0.01, 3, weights);
    });
    assertEquals(results.map(({ divergence }) => divergence !== undefined), [true, false, true]);
  });

  Deno.test(`a step asks for coefficients where it has a teacher, and refuses them where it has none (${kind})`, async () => {
    const weights = { alpha: 1, beta: 1, temperature: 1 };
    await trained({}, (training) => {
      assertThrows(
        () => training.submit(passes(1), 0.1, 4),
        RangeError,
        "step 4: with a teacher it takes 'coefficients'",
      );
    });
    const submit = (training: TrainingStep) => training.submit(passes(1), 0.1, 4, weights);
    await trained({}, (training) => {
      assertThrows(() => submit(training), RangeError, "step 4: 'coefficients' need a teacher, found none");
    }, false);
  });

  Deno.test(`planned bytes are those that a step with a teacher allocates (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    using teacher = await Model.create(device, large, wisdom);
    const { pages } = model;
    const hidden: HiddenAlignment = { layers: [[0, 0]] };
    const given = { ...options, untaught: true, hidden };
    const graphs = stepGraphs(config, pages, given, { config: large, pages: pagesOf(large) });
    const { pass, untaught, update, results } = graphs;
    const before = device.counters.bytes;
    const ring = device.createRing(results.length, options.pending);
    const rings = device.counters.bytes - before;
    ring[Symbol.dispose]();
    const projection = 4 * 64 * Math.ceil(config.width * large.width / 64);
    const state = 4 * 64 + projection + 3 * pages.sizes.reduce((sum, size) => sum + size, 0);
    const programs = [pass, untaught!, update].reduce((sum, each) => sum + device.estimate(each).programBytes, 0);
    {
      using _ = await TrainingStep.create(model, given, teacher);
      assertEquals(device.counters.bytes - before, programs + 4 * state + rings);
    }
    assertEquals(device.counters.bytes, before);
  });
}

Deno.test("a teacher of another vocabulary is refused when the step is recorded", () => {
  const other = { ...large, vocabularySize: 38 };
  assertThrows(
    () => stepGraphs(config, pagesOf(config), options, { config: other, pages: pagesOf(other) }),
    RangeError,
    "the teacher's vocabulary must be the student's of 37",
  );
});

Deno.test("a teacher reads without dropout, and nothing of it is differentiated", () => {
  const teacher = { config: large, pages: pagesOf(large) };
  const { pass, untaught } = stepGraphs(config, pagesOf(config), { ...options, dropout: 0.1, untaught: true }, teacher);
  const count = ({ graph }: typeof pass, name: string) => graph.nodes.filter(({ op }) => op.name === name).length;
  for (const name of ["dropout", "attentionGradient", "geluGradient", "layerNormGradient", "embeddingGradient"]) {
    assert(count(untaught!, name) > 0, name);
    assertEquals(count(pass, name), count(untaught!, name), name);
  }
  assertEquals(count(pass, "attention"), count(untaught!, "attention") + large.layers);
});
