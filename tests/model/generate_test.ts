import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { generate, type GenerateOptions, sample } from "../../lib/model/generate.ts";
import { Model } from "../../lib/model/model.ts";
import { logits } from "../../lib/model/forward.ts";
import { normals } from "../ops/harness.ts";
import { largeParameters, smallNeoX } from "./small_neox.ts";

/** The most likely next token of a context, by `logits()` and a search over all of them. */
async function mostLikely(of: Model, context: readonly number[]): Promise<number> {
  const last = (await logits(of, [context])).slice(-smallNeoX.vocabularySize);
  return last.indexOf(Math.max(...last));
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  const config = { ...smallNeoX, layers: 1 };
  const model = await Model.create(device, config, largeParameters(config));
  Deno.test.afterAll(() => device[Symbol.dispose]());

  const prompt = [5, 11, 2];
  const continuation = (options: GenerateOptions, from = prompt) => Array.fromAsync(generate(model, from, options));

  Deno.test(`greedy tokens are the most likely ones of the growing context, which slides past the model's length (${kind})`, async () => {
    const context = [...prompt];
    for await (const token of generate(model, prompt, { tokens: 10, temperature: 0 })) {
      assertEquals(token, await mostLikely(model, context.slice(-config.sequence)), `after ${context}`);
      context.push(token);
    }
    assertEquals(context.length, prompt.length + 10);
    assert(context.length > config.sequence + 1);
  });

  Deno.test(`greedy tokens stay right when a context outgrows its program, and when a prompt is longer than the model's length (${kind})`, async () => {
    using long = await Model.create(device, { ...config, sequence: 70 }, largeParameters(config));
    for (const start of [30, 62, 75]) {
      const context = Array.from({ length: start }, (_, i) => (i * i + start) % config.vocabularySize);
      for await (const token of generate(long, [...context], { tokens: 5, temperature: 0 })) {
        assertEquals(token, await mostLikely(long, context.slice(-70)), `after ${context.length} tokens`);
        context.push(token);
      }
    }
  });

  Deno.test(`the same seed gives the same tokens and another seed gives others (${kind})`, async () => {
    const options = { tokens: 16, temperature: 1.5, topK: 0 };
    const tokens = await continuation({ ...options, seed: 3 });
    assertEquals(await continuation({ ...options, seed: 3 }), tokens);
    assertNotEquals(await continuation({ ...options, seed: 4 }), tokens);
    assertEquals(tokens.length, 16);
  });

  Deno.test(`every token is a draw of its own (${kind})`, async () => {
    const zeros = new Map(
      [...largeParameters(config)].map(([name, values]) => [name, new Float32Array(values.length)]),
    );
    using undecided = await Model.create(device, config, zeros);
    const tokens = await Array.fromAsync(generate(undecided, prompt, { tokens: 40, topK: 0 }));
    const distinct = new Set(tokens).size; // 25 of 37 are expected where all are equally likely
    assert(distinct > 18 && distinct < 32, `${distinct} distinct tokens`);
  });

  Deno.test(`the most likely of one token is the greedy one, at any temperature (${kind})`, async () => {
    const greedy = await continuation({ tokens: 8, temperature: 0 });
    assertEquals(await continuation({ tokens: 8, temperature: 3, topK: 1, seed: 9 }), greedy);
  });

  Deno.test(`generation ends with the stop token, which is given too (${kind})`, async () => {
    const tokens = await continuation({ tokens: 8, temperature: 0 });
    const stop = tokens[3]!;
    assertEquals(await continuation({ tokens: 8, temperature: 0, stop }), tokens.slice(0, tokens.indexOf(stop) + 1));
  });

  Deno.test(`generation frees its programs, also when it is left early (${kind})`, async () => {
    const { bytes } = device.counters;
    await continuation({ tokens: 2 });
    for await (const _ of generate(model, prompt)) break;
    assertEquals(device.counters.bytes, bytes);
  });

  Deno.test(`logits that are no numbers are refused, unless they are of padding (${kind})`, async () => {
    const parameters = largeParameters(config);
    parameters.get("embed_out.weight")!.fill(NaN, 30 * config.width);
    using broken = await Model.create(device, config, parameters);
    await assertRejects(
      () => Array.fromAsync(generate(broken, prompt)),
      RangeError,
      "Cannot generate: the model must give finite logits, found NaN for token 30 after 3 tokens; its weights are damaged",
    );
    const tokens = await Array.fromAsync(generate(broken, prompt, { vocabulary: 30, tokens: 4 }));
    assert(tokens.length === 4 && tokens.every((token) => token < 30), String(tokens));
  });

  Deno.test(`what cannot be generated is refused before anything runs (${kind})`, async () => {
    const refused: [number[], GenerateOptions, string][] = [
      [[], {}, "'prompt' must be at least one token, found none"],
      [[1, 37], {}, "'prompt' must be tokens from 0 to 36, found 37"],
      [[0.5], {}, "'prompt' must be tokens from 0 to 36, found 0.5"],
      [prompt, { tokens: 0 }, "'tokens' must be a positive whole number, found 0"],
      [prompt, { temperature: -1 }, "'temperature' must be a number of at least 0, found -1"],
      [prompt, { temperature: NaN }, "'temperature' must be a number of at least 0, found NaN"],
      [prompt, { topK: 1.5 }, "'topK' must be a whole number of at least 0, found 1.5"],
      ...[0, -310, 2.5, NaN].map((vocabulary): [number[], GenerateOptions, string] => [
        prompt,
        { vocabulary },
        `'vocabulary' must be a positive whole number, found ${vocabulary}`,
      ]),
    ];
    const { submits } = device.counters;
    for (const [from, options, message] of refused) {
      await assertRejects(() => continuation(options, from), RangeError, `Cannot generate: ${message}`);
    }
    assertEquals(device.counters.submits, submits);
  });

  Deno.test(`sample() draws from the softmax of the largest logits over the temperature (${kind})`, () => {
    const logits = normals("logits", 12, 2);
    const draws = 4000;
    for (const [temperature, topK] of [[1, 0], [0.5, 0], [2, 4], [0.7, 5], [1, 40]] as const) {
      const counts = logits.map(() => 0);
      for (let i = 0; i < draws; i++) counts[sample(logits, { temperature, topK }, (i + 0.5) / draws)]!++;
      const threshold = topK > 0 && topK < 12 ? [...logits].sort((a, b) => b - a)[topK - 1]! : -Infinity;
      const weights = [...logits].map((value) => value >= threshold ? Math.exp(value / temperature) : 0);
      const total = weights.reduce((sum, weight) => sum + weight);
      // Draws that are spread evenly hit each share within one draw at either of its ends.
      weights.forEach((weight, token) => assertAlmostEquals(counts[token]! / draws, weight / total, 2 / draws));
    }
  });

  Deno.test(`sample() takes the first of equal logits and stays inside at both ends of the draw (${kind})`, () => {
    const equal = Float32Array.of(1, 3, 3, 3, 0);
    assertEquals(sample(equal, { temperature: 0, topK: 0 }, 0.9), 1);
    assertEquals(sample(equal, { temperature: 1, topK: 2 }, 0), 1);
    assertEquals(sample(equal, { temperature: 1, topK: 2 }, 1 - 2 ** -53), 2);
    assertEquals(sample(equal, { temperature: 1, topK: 0 }, 1 - 2 ** -53), 4);
    assertEquals(sample(Float32Array.of(-1e30, 80, -1e30), { temperature: 1e-3, topK: 0 }, 0.5), 1);
  });
}
