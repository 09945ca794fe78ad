import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { DeviceError } from "../../lib/devices/errors.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { Evaluator } from "../../lib/evaluate/loss.ts";
import { Model } from "../../lib/model/model.ts";
import { pageName } from "../../lib/model/pages.ts";
import { lossAndGradients } from "../../lib/model/forward.ts";
import { largeParameters, randomTokens, smallNeoX } from "../model/small_neox.ts";

const SEQUENCE = 7;

/** The mean loss of these windows of a split, a forward and a backward pass each. */
async function meanLoss(model: Model, split: Uint16Array, windows: readonly number[]): Promise<number> {
  const rows = windows.map((window) => [...split.slice(window * SEQUENCE, (window + 1) * SEQUENCE + 1)]);
  return (await lossAndGradients(model, rows)).loss;
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  const config = { ...smallNeoX, layers: 1 };
  const model = await Model.create(device, config, largeParameters(config));
  const split = Uint16Array.from(randomTokens(config, 1, 25 * SEQUENCE + 4)[0]!);
  const options = { tokens: split, sequence: SEQUENCE, bytesPerToken: 3.5 };
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`an evaluation is the mean loss of every window of the split (${kind})`, async () => {
    using evaluator = await Evaluator.create(model, { ...options, batch: 5 });
    const { loss, tokens } = await evaluator.evaluate();
    assertEquals(tokens, 25 * SEQUENCE);
    assertAlmostEquals(loss, await meanLoss(model, split, [...Array(25).keys()]), 1e-5);
  });

  Deno.test(`perplexity and bits per byte follow from the loss (${kind})`, async () => {
    using evaluator = await Evaluator.create(model, { ...options, batch: 5 });
    const { loss, perplexity, bitsPerByte } = await evaluator.evaluate();
    assertAlmostEquals(perplexity, Math.exp(loss), 1e-9);
    assertAlmostEquals(bitsPerByte, loss * Math.LOG2E / 3.5, 1e-12);
  });

  Deno.test(`a limit spreads the windows over the split (${kind})`, async () => {
    using evaluator = await Evaluator.create(model, { ...options, batch: 2, limit: 5 * SEQUENCE });
    const { loss, tokens } = await evaluator.evaluate();
    assertEquals(tokens, 4 * SEQUENCE, "two batches of two windows fit the limit");
    assertAlmostEquals(loss, await meanLoss(model, split, [0, 6, 12, 18]), 1e-5);
  });

  Deno.test(`an evaluator says beforehand how many tokens it predicts (${kind})`, async () => {
    for (
      const [batch, limit, windows] of [[5, Infinity, 25], [2, 5, 4], [3, 4, 3], [64, 4, 4], [6, 100, 24], [4, 0, 1]]
    ) {
      using evaluator = await Evaluator.create(model, { ...options, batch: batch!, limit: limit! * SEQUENCE });
      const { tokens } = await evaluator.evaluate();
      assertEquals([evaluator.tokens, tokens], [windows! * SEQUENCE, windows! * SEQUENCE], `${batch} x ${limit}`);
    }
  });

  Deno.test(`a batch larger than the split is cut down to it (${kind})`, async () => {
    const few = split.slice(0, 3 * SEQUENCE + 1);
    using evaluator = await Evaluator.create(model, { ...options, tokens: few, batch: 64 });
    const { loss, tokens } = await evaluator.evaluate();
    assertEquals(tokens, 3 * SEQUENCE);
    assertAlmostEquals(loss, await meanLoss(model, split, [0, 1, 2]), 1e-5);
  });

  Deno.test(`more batches than are under way at a time are all counted (${kind})`, async () => {
    using one = await Evaluator.create(model, { ...options, batch: 1 });
    using all = await Evaluator.create(model, { ...options, batch: 25 });
    const [single, whole] = [await one.evaluate(), await all.evaluate()];
    assertEquals(single.tokens, whole.tokens);
    assertAlmostEquals(single.loss, whole.loss, 1e-5);
  });

  Deno.test(`evaluating again allocates nothing, gives the same bytes, and sees a changed model (${kind})`, async () => {
    using changing = await Model.create(device, config, largeParameters(config));
    using evaluator = await Evaluator.create(changing, { ...options, batch: 5 });
    const first = await evaluator.evaluate();
    const { buffers, bindGroups, pipelines, bytes } = device.counters;
    assertEquals(await evaluator.evaluate(), first);
    const { counters } = device;
    assertEquals([counters.buffers, counters.bindGroups, counters.pipelines, counters.bytes], [
      ...[buffers, bindGroups, pipelines, bytes],
    ]);
    changing.store.write(pageName("parameters", 0), new Float32Array(changing.pages.sizes[0]!));
    const { loss } = await evaluator.evaluate();
    assertAlmostEquals(loss, Math.log(config.vocabularySize), 1e-5, "weights of zero predict every token alike");
    assert(loss !== first.loss);
  });

  Deno.test(`an evaluator that finds no memory for its results leaves none taken (${kind})`, async () => {
    using own = await openDevice(kind, { threads: 1 });
    using model = await Model.create(own, config, largeParameters(config));
    const { bytes } = own.counters;
    own.createRing = () => {
      throw new DeviceError("Cannot allocate ring");
    };
    await assertRejects(() => Evaluator.create(model, { ...options, batch: 5 }), DeviceError, "Cannot allocate ring");
    assertEquals(own.counters.bytes, bytes);
  });

  Deno.test(`tokens that the model does not know are refused, whether read or predicted (${kind})`, async () => {
    const { vocabularySize } = config;
    const { bytes } = device.counters;
    const create = async (place: number, token: number) => {
      const tokens = split.slice();
      tokens[place] = token;
      using evaluator = await Evaluator.create(model, { ...options, tokens, batch: 5 });
      return (await evaluator.evaluate()).tokens;
    };
    for (const place of [0, 3 * SEQUENCE + 2, 25 * SEQUENCE]) {
      assertEquals(await create(place, vocabularySize - 1), 25 * SEQUENCE);
      const error = await assertRejects(() => create(place, vocabularySize + 7), RangeError);
      assertEquals(
        error.message,
        `Cannot evaluate: tokens must be below the model's ${vocabularySize}, found ${vocabularySize + 7}; ` +
          "use the model's own tokenizer",
      );
    }
    assertEquals(await create(25 * SEQUENCE + 1, vocabularySize), 25 * SEQUENCE, "no whole window reaches that far");
    assertEquals(device.counters.bytes, bytes);
  });

  Deno.test(`a split shorter than one window is refused (${kind})`, async () => {
    const create = async () => {
      using evaluator = await Evaluator.create(model, { ...options, tokens: split.slice(0, SEQUENCE), batch: 5 });
      await evaluator.evaluate();
    };
    await assertRejects(create, RangeError, "the validation split must have at least 8 tokens");
  });
}
