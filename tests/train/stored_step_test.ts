import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { selectTop } from "../distill/select_top.ts";
import { type Entries, entriesFor, rowsOfEntries } from "../../lib/distill/store/records.ts";
import { TeacherPass } from "../../lib/distill/teacher_pass.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { Model } from "../../lib/model/model.ts";
import { pagesOf } from "../../lib/model/pages.ts";
import { type LogitSource, stepGraphs, type StepOptions, TrainingStep } from "../../lib/train/training_step.ts";
import {
  assertSameValues,
  largeParameters,
  passOf,
  randomTokens,
  relativeError,
  smallNeoX,
} from "../model/small_neox.ts";
import { constants } from "./float64_adamw.ts";

/** All of a head is rotated: without that keys have biases whose gradients are rounding alone, and AdamW makes steps of them. */
const config: GPTNeoXConfig = { ...smallNeoX, layers: 1, rotaryFraction: 1 };
const large: GPTNeoXConfig = { ...smallNeoX, width: 32, heads: 2, mlpWidth: 40, parallelResidual: false };
const vocabulary = config.vocabularySize;
const options: StepOptions = {
  ...{ microBatch: 2, accumulation: 2, sequence: config.sequence, clip: 2.5, pending: 20, ...constants },
};
const tokens = randomTokens(config, 4 * 3, config.sequence + 1);
const rows = (step: number) => tokens.slice(4 * (step - 1), 4 * step);
const passes = (step: number) => [passOf(rows(step).slice(0, 2)), passOf(rows(step).slice(2))];

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  /** What a teacher thinks of all windows at a temperature, in memory. */
  const sourceOf = async (teacher: Model, temperature: number, entries: number): Promise<LogitSource> => {
    const known = new Map<string, Entries>();
    using pass = await TeacherPass.create(teacher, { batch: 1, sequence: config.sequence, temperature });
    for (const row of tokens) {
      const window = Uint32Array.from(row.slice(0, -1));
      const found = entriesFor(window.length, entries);
      for await (const { first, probabilities } of pass.run([window])) {
        for (let at = 0; at * vocabulary < probabilities.length; at++) {
          const own = probabilities.subarray(at * vocabulary, (at + 1) * vocabulary);
          selectTop(own, entries, rowsOfEntries(found, entries, first + at, 1));
        }
      }
      known.set(window.join(), found);
    }
    return {
      entries,
      read(read) {
        const all = entriesFor(read.length, entries);
        for (let first = 0; first < read.length; first += config.sequence) {
          const { ids, masses } = known.get(read.subarray(first, first + config.sequence).join())!;
          all.ids.set(ids, first * entries);
          all.masses.set(masses, first * (entries + 1));
        }
        return all;
      },
    };
  };

  const trained = async (
    temperature: number,
    teach: (teacher: Model) => Promise<Model | LogitSource>,
    given: Partial<StepOptions> = {},
  ) => {
    using model = await Model.create(device, config, largeParameters(config));
    using teacher = await Model.create(device, large, largeParameters(large));
    using training = await TrainingStep.create(model, { ...options, ...given }, await teach(teacher));
    for (let step = 1; step <= 3; step++) {
      training.submit(passes(step), 0.01, step, { alpha: 0.3, beta: 0.7, temperature });
    }
    return { results: await training.drain(), parameters: await model.parameters() };
  };

  for (const temperature of [1, 2]) {
    Deno.test(`steps that learn from all of a teacher's stored logits are those with the teacher, at ${temperature} (${kind})`, async () => {
      const online = await trained(temperature, (teacher) => Promise.resolve(teacher));
      const stored = await trained(temperature, (teacher) => sourceOf(teacher, temperature, vocabulary));
      for (const key of ["loss", "crossEntropy", "divergence", "gradientNorm"] as const) {
        const [found, expected] = [stored, online].map(({ results }) => results.map((result) => result[key]!));
        assert(relativeError(found!, expected!) < 1e-5, `${key}: ${found} ${expected}`);
      }
      assertSameValues(stored.parameters, online.parameters, 1e-4);
    });
  }

  Deno.test(`what is known of a few tokens diverges less than the whole, and more of more tokens (${kind})`, async () => {
    const divergences: number[] = [];
    for (const entries of [1, 4, 16, 37]) {
      const { results } = await trained(1, (teacher) => sourceOf(teacher, 1, entries));
      divergences.push(results[0]!.divergence!);
    }
    assertEquals(divergences, divergences.toSorted((a, b) => a - b));
    assert(divergences[0]! < 0.9 * divergences[3]!);
  });

  Deno.test(`planned bytes are those that a step with stored logits allocates (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    const source: LogitSource = { entries: 5, read: ({ length }) => entriesFor(length, 5) };
    const { pages } = model;
    const { pass, untaught, update, results } = stepGraphs(config, pages, { ...options, untaught: true }, source);
    const before = device.counters.bytes;
    const ring = device.createRing(results.length, options.pending);
    const rings = device.counters.bytes - before;
    ring[Symbol.dispose]();
    const state = 3 * 64 + 3 * pages.sizes.reduce((sum, size) => sum + size, 0);
    const programs = [pass, untaught!, update].reduce((sum, each) => sum + device.estimate(each).programBytes, 0);
    using _ = await TrainingStep.create(model, { ...options, untaught: true }, source);
    assertEquals(device.counters.bytes - before, programs + 4 * state + rings);
  });

  Deno.test(`steps without the teacher do not read its logits (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    let reads = 0;
    const source: LogitSource = { entries: 5, read: ({ length }) => (reads++, entriesFor(length, 5)) };
    using training = await TrainingStep.create(model, { ...options, untaught: true }, source);
    training.submit(passes(1), 0.01, 1, { alpha: 1, beta: 1, temperature: 1 });
    training.submit(passes(2), 0.01, 2);
    const [taught, alone] = await training.drain();
    assertEquals([reads, alone!.divergence], [2, undefined]);
    // Without any entries and rest, nothing is asked for.
    assertAlmostEquals(taught!.divergence!, 0, 1e-6);
  });
}

Deno.test("of stored logits only the forward KL divergence is known", () => {
  const record = () => stepGraphs(config, pagesOf(config), { ...options, divergence: "reverse_kl" }, { entries: 5 });
  assertThrows(
    record,
    RangeError,
    "Cannot learn from stored logits: 'divergence' must be forward_kl, found reverse_kl",
  );
});
