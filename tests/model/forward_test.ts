import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { generate, logits, lossAndGradients, Model, openDevice } from "../../mod.ts";
import { capture } from "../../lib/model/forward.ts";
import { largeParameters, randomTokens, relativeError, smallNeoX } from "./small_neox.ts";

const config = { ...smallNeoX, layers: 1 };
const parameters = largeParameters(config);
const { vocabularySize } = config;

/** `x W^T + b` of rows of activations, with the weights of a layer of the model, in double precision. */
function projected(x: ArrayLike<number>, name: string): Float64Array {
  const weight = parameters.get(`${name}.weight`)!, bias = parameters.get(`${name}.bias`);
  const outputs = bias?.length ?? vocabularySize, inputs = weight.length / outputs;
  return Float64Array.from({ length: x.length / inputs * outputs }, (_, i) => {
    const row = Math.floor(i / outputs) * inputs, output = i % outputs;
    let sum = bias?.[output] ?? 0;
    for (let k = 0; k < inputs; k++) sum += x[row + k]! * weight[output * inputs + k]!;
    return sum;
  });
}

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  const model = await Model.create(device, config, parameters);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`logits() has one row for each position, in the order of the tokens (${kind})`, async () => {
    const tokens = randomTokens(config, 2, 5);
    const both = await logits(model, tokens);
    assertEquals(both.length, 2 * 5 * vocabularySize);
    const [first, second] = [await logits(model, [tokens[0]!]), await logits(model, [tokens[1]!])];
    assertEquals(both, Float32Array.of(...first, ...second));
  });

  Deno.test(`tokens may be the typed arrays that a tokenizer gives (${kind})`, async () => {
    const tokens = randomTokens(config, 2, 5);
    const typed = tokens.map((row) => Uint32Array.from(row));
    assertEquals(await logits(model, typed), await logits(model, tokens));
    assertEquals(await lossAndGradients(model, typed), await lossAndGradients(model, tokens));
    assertEquals(await capture(model, typed, ["blocks.0"]), await capture(model, tokens, ["blocks.0"]));
    const continued = (prompt: ArrayLike<number>) => Array.fromAsync(generate(model, prompt, { tokens: 3 }));
    assertEquals(await continued(typed[0]!), await continued(tokens[0]!));
  });

  Deno.test(`logits() of a position do not depend on the tokens after it (${kind})`, async () => {
    const [row] = randomTokens(config, 1, 6) as [number[]];
    const changed = [...row.slice(0, 4), ...row.slice(4).map((token) => (token + 1) % vocabularySize)];
    const [before, after] = [await logits(model, [row]), await logits(model, [changed])];
    assertEquals(before.slice(0, 4 * vocabularySize), after.slice(0, 4 * vocabularySize));
    assert(before.slice(4 * vocabularySize).every((value, i) => value !== after[4 * vocabularySize + i]));
  });

  Deno.test(`captured activations are those between which the model's matrices stand (${kind})`, async () => {
    const tokens = randomTokens(config, 2, 5);
    const layer = "gpt_neox.layers.0";
    const names = ["input", "attention", "mlp_norm", "mlp", "output"].map((name) => `blocks.0.${name}`);
    const found = await capture(model, tokens, [...names, "final_norm"]);
    const [input, attention, mlpNorm, mlp, output] = names.map((name) => found.get(name)!);
    const [heard, fired] = [
      projected(attention!, `${layer}.attention.dense`),
      projected(mlp!, `${layer}.mlp.dense_4h_to_h`),
    ];
    assert(relativeError(output!, input!.map((x, i) => x + heard[i]! + fired[i]!)) < 1e-6);
    const active = projected(mlpNorm!, `${layer}.mlp.dense_h_to_4h`).map((x) => x > 0 ? 1 : 0);
    assertEquals(mlp!.map((x) => x > 0 ? 1 : 0), Float32Array.from(active), "gelu keeps signs");
    assert(relativeError(await logits(model, tokens), projected(found.get("final_norm")!, "embed_out")) < 1e-6);
    await assertRejects(
      () => capture(model, tokens, ["blocks.1.mlp"]),
      RangeError,
      "Cannot capture 'blocks.1.mlp': the model has the activations embedding, blocks.0, blocks.0.input, blocks.0.attention_norm",
    );
  });

  Deno.test(`logits() of a single token and of sequences longer than the model's are computed all the same (${kind})`, async () => {
    const [row] = randomTokens(config, 1, 3 * config.sequence) as [number[]];
    const long = await logits(model, [row]);
    const short = await logits(model, [[row[0]!]]);
    assertEquals(short.length, vocabularySize);
    short.forEach((value, i) => assertAlmostEquals(long[i]!, value, 1e-5));
  });

  Deno.test(`lossAndGradients() is the mean of the cross-entropies of logits() (${kind})`, async () => {
    const tokens = randomTokens(config, 3, 8);
    const { loss } = await lossAndGradients(model, tokens);
    const scores = await logits(model, tokens.map((row) => row.slice(0, -1)));
    const targets = tokens.flatMap((row) => row.slice(1));
    const losses = targets.map((target, i) => {
      const row = scores.slice(i * vocabularySize, (i + 1) * vocabularySize);
      return Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[target]!;
    });
    assertAlmostEquals(loss, losses.reduce((sum, each) => sum + each) / losses.length, 1e-6);
  });

  Deno.test(`lossAndGradients() gives the same bytes again, leaves the parameters alone and frees its memory (${kind})`, async () => {
    const tokens = randomTokens(config, 3, 8);
    await lossAndGradients(model, tokens); // the first call may enlarge the buffer that inputs pass through
    const { bytes } = device.counters;
    const first = await lossAndGradients(model, tokens);
    assertEquals(await lossAndGradients(model, tokens), first);
    assertEquals(device.counters.bytes, bytes);
    assertEquals(await model.parameters(), parameters);
  });

  Deno.test(`gradients have the names and sizes of the parameters, and are zero for tokens that do not occur (${kind})`, async () => {
    const { gradients } = await lossAndGradients(model, [[3, 5, 3], [5, 3, 7]]);
    assertEquals(
      [...gradients].map(([name, { length }]) => [name, length]),
      [...parameters].map(([name, { length }]) => [name, length]),
    );
    const table = gradients.get("gpt_neox.embed_in.weight")!;
    for (let token = 0; token < vocabularySize; token++) {
      const row = table.slice(token * config.width, (token + 1) * config.width);
      assertEquals(row.some((value) => value !== 0), token === 3 || token === 5, `token ${token}`);
    }
  });

  Deno.test(`tokens that the model cannot take are refused with what was found (${kind})`, async () => {
    const refused: [() => Promise<unknown>, string][] = [
      [() => logits(model, []), "sequences of equal length, at least 1, found lengths of no sequence"],
      [() => logits(model, [[]]), "at least 1, found lengths 0"],
      [() => logits(model, [[1, 2], [3]]), "sequences of equal length, at least 1, found lengths 2, 1"],
      [() => lossAndGradients(model, [[1]]), "sequences of equal length, at least 2, found lengths 1"],
      [() => logits(model, [[1, 37]]), "tokens must be integers from 0 to 36, found 37"],
      [() => logits(model, [[-1]]), "found -1"],
      [() => lossAndGradients(model, [[1, 2.5]]), "found 2.5"],
    ];
    for (const [call, message] of refused) await assertRejects(call, RangeError, message);
  });
}
