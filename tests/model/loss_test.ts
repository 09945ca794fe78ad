import { assert, assertAlmostEquals } from "@std/assert";
import { embeddingBuckets } from "../../lib/data/buckets.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import type { WebGPUOptions } from "../../lib/devices/webgpu/adapter.ts";
import { differentiate } from "../../lib/graph/differentiate.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { plan } from "../../lib/graph/plan.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { hiddenStates, outputProjection } from "../../lib/model/gpt_neox.ts";
import { lossGraph } from "../../lib/model/loss.ts";
import { Model, pageEntries, readPages } from "../../lib/model/model.ts";
import { declareParameters, pagesOf } from "../../lib/model/pages.ts";
import { presets } from "../../lib/model/presets.ts";
import { type LossAndGradients, lossAndGradients } from "../../lib/model/forward.ts";
import { linearCrossEntropy } from "../../lib/ops/cross_entropy/mod.ts";
import { TILED_OPS } from "../../lib/ops/dispatch.ts";
import { stepGraphs } from "../../lib/train/training_step.ts";
import { constants } from "../train/float64_adamw.ts";
import { assertSameValues, largeParameters, passOf, randomTokens, smallNeoX } from "./small_neox.ts";

async function onDevice(
  config: GPTNeoXConfig,
  tokens: number[][],
  options: WebGPUOptions,
): Promise<LossAndGradients> {
  using device = await openDevice("webgpu", options);
  using model = await Model.create(device, config, largeParameters(config));
  return await lossAndGradients(model, tokens);
}

function assertSame(actual: LossAndGradients, expected: LossAndGradients, tolerance: number): void {
  assertAlmostEquals(actual.loss, expected.loss, tolerance * expected.loss);
  assertSameValues(actual.gradients, expected.gradients, tolerance);
}

for (const tiedEmbeddings of [false, true]) {
  const form = tiedEmbeddings ? "tied" : "untied";
  Deno.test(`matrices and logits beyond one binding give the same loss and gradients (${form} embeddings)`, async () => {
    const config = { ...smallNeoX, vocabularySize: 251, width: 72, tiedEmbeddings, layers: 1 };
    const [batch, sequence] = [10, 7];
    const tokens = randomTokens(config, batch, sequence + 1);
    const maxBindingBytes = 65_536;
    assert(4 * config.vocabularySize * config.width > maxBindingBytes, "the embedding must not fit one binding");
    assert(4 * config.vocabularySize * batch * sequence > maxBindingBytes, "the logits must not fit one binding");
    const limited = await onDevice(config, tokens, { maxBindingBytes });
    assertSame(limited, await onDevice(config, tokens, {}), 1e-6);
  });
}

Deno.test("the kernels for hardware and those for software adapters agree on the whole model", async () => {
  const config = { ...smallNeoX, vocabularySize: 131, width: 72, heads: 9, mlpWidth: 133, layers: 1 };
  const tokens = randomTokens(config, 2, 71);
  const tiled = await onDevice(config, tokens, { tiled: TILED_OPS });
  assertSame(tiled, await onDevice(config, tokens, { tiled: [] }), 1e-5);
});

Deno.test("a loss computed in chunks of positions equals that of all at once", async () => {
  const [batch, sequence] = [4, 50];
  const tokens = randomTokens(smallNeoX, batch, sequence + 1);
  const pass = passOf(tokens);
  const inputs = { ...pass, ...embeddingBuckets(pass.tokens) };
  using device = await openDevice("webgpu");
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  const { pages, config } = model;
  const run = async (chunk: number): Promise<LossAndGradients> => {
    const graph = new Graph();
    const u32 = (name: string, size = batch * sequence) => graph.input(name, [size], "u32");
    const buckets = { order: u32("order"), starts: u32("starts", batch * sequence + 1), ids: u32("ids") };
    const parameters = declareParameters(graph, pages, "parameters");
    const gradients = declareParameters(graph, pages, "gradients");
    const hidden = hiddenStates(u32("tokens"), parameters, config, { batch, sequence, buckets });
    const weight = outputProjection(parameters, config);
    const gradient = gradients.get("embed_out.weight")!;
    const scale = 1 / (batch * sequence);
    const loss = graph.output(linearCrossEntropy(hidden, weight, u32("targets"), { scale, chunk, gradient }));
    const into = new Map([...parameters].map(([name, tensor]) => [tensor, gradients.get(name)!]));
    differentiate(graph, { of: loss, wrt: [...parameters.values()], into });
    using store = await device.createStore(pageEntries(pages, "gradients"));
    using program = await device.compile(plan(graph), [model.store, store]);
    program.run(inputs);
    return { loss: (await program.read(loss))[0]!, gradients: await readPages(store, pages, "gradients") };
  };
  const whole = await run(256);
  assertSame(await run(64), whole, 1e-6);
  assertSame(await lossAndGradients(model, tokens), whole, 1e-6);
});

Deno.test("full logits of a large vocabulary never have to exist", () => {
  const { config } = presets["14m"];
  const shape = { microBatch: 8, accumulation: 1, sequence: 512, clip: 1, pending: 1 };
  const options = { ...shape, ...constants };
  const pages = pagesOf(config);
  const logitsBytes = 4 * 8 * 512 * config.vocabularySize;
  const { pass, update } = stepGraphs(config, pages, options);
  assert(pass.slotBytes + update.slotBytes < logitsBytes, `${pass.slotBytes} of ${logitsBytes}`);
  // What is left to grow with the vocabulary is one chunk: 64 positions at least, 16 MiB at most.
  const small = stepGraphs({ ...config, vocabularySize: 64 }, pagesOf({ ...config, vocabularySize: 64 }), options);
  assert(pass.slotBytes - small.pass.slotBytes <= 2 ** 24);
  const { graph } = lossGraph(config, pages, { batch: 8, sequence: 512 });
  assert(plan(graph).slotBytes < pass.slotBytes, "without gradients less is kept");
});

Deno.test("gradients are added to what is there, and the scale multiplies loss and gradients", async () => {
  const [batch, sequence] = [2, 7];
  const tokens = randomTokens(smallNeoX, batch, sequence + 1);
  const pass = passOf(tokens);
  const inputs = { ...pass, ...embeddingBuckets(pass.tokens) };
  using device = await openDevice("webgpu");
  using model = await Model.create(device, smallNeoX, largeParameters(smallNeoX));
  const { graph, loss } = lossGraph(smallNeoX, model.pages, { batch, sequence, scale: 0.5, gradients: true });
  using store = await device.createStore(pageEntries(model.pages, "gradients"));
  using program = await device.compile(plan(graph), [model.store, store]);
  device.submit((recorder) => {
    recorder.run(program, inputs);
    recorder.run(program, inputs);
  });
  const expected = await lossAndGradients(model, tokens);
  const positions = batch * sequence;
  assertAlmostEquals((await program.read(loss))[0]!, 0.5 * positions * expected.loss, 1e-4);
  const twice = new Map([...expected.gradients].map(([name, values]) => [name, values.map((v) => positions * v)]));
  assertSameValues(await readPages(store, model.pages, "gradients"), twice, 1e-5);
});
