import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { embeddingBuckets } from "../../lib/data/buckets.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { plan } from "../../lib/graph/plan.ts";
import { lossAndGradients } from "../../lib/model/forward.ts";
import { lossGraph } from "../../lib/model/loss.ts";
import { Model, pageEntries, readPages, writePages } from "../../lib/model/model.ts";
import { pagesOf } from "../../lib/model/pages.ts";
import type { ParameterValues } from "../../lib/model/parameters.ts";
import { TrainingStep } from "../../lib/train/training_step.ts";
import { dot, normals } from "../ops/harness.ts";
import { constants } from "../train/float64_adamw.ts";
import { largeParameters, passOf, randomTokens, smallNeoX as config } from "./small_neox.ts";

const [batch, sequence] = [4, 7];
const tokens = randomTokens(config, batch, sequence + 1);
const pass = passOf(tokens);

Deno.test("the embedding and both branches of every block drop values of their own, and the same ones backwards", () => {
  const { graph } = lossGraph(config, pagesOf(config), { batch, sequence, gradients: true, dropout: 0.3 });
  const sites = graph.nodes.filter(({ op }) => op.name === "dropout").map(({ attributes }) => attributes.site);
  assertEquals(sites, [0, 1, 2, 3, 4, 4, 3, 2, 1, 0]);
});

for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`a model's gradient under dropout is the slope of its loss under the same masks (${kind})`, async () => {
    using model = await Model.create(device, config, largeParameters(config));
    const scale = 1 / (batch * sequence);
    const { graph, loss } = lossGraph(config, model.pages, { batch, sequence, scale, gradients: true, dropout: 0.3 });
    using store = await device.createStore(pageEntries(model.pages, "gradients"));
    using program = await device.compile(plan(graph), [model.store, store]);
    const lossAt = async (key: readonly [number, number], parameters: ParameterValues) => {
      writePages(model.store, model.pages, "parameters", parameters);
      program.run({ ...pass, ...embeddingBuckets(pass.tokens), dropout: Uint32Array.from(key) });
      return (await program.read(loss))[0]!;
    };
    const start = largeParameters(config);
    const [key, other] = [[3, 4], [5, 6]] as const;
    const value = await lossAt(key, start);
    const gradients = await readPages(store, model.pages, "gradients");
    const directions = new Map([...start].map(([name, { length }]) => [name, normals(`towards ${name}`, length)]));
    const moved = (by: number) =>
      new Map([...start].map(([name, values]) => [name, values.map((v, i) => v + by * directions.get(name)![i]!)]));
    const step = 2e-3;
    const slope = (await lossAt(key, moved(step)) - await lossAt(key, moved(-step))) / (2 * step);
    const expected = [...gradients].reduce((sum, [name, values]) => sum + dot(values, directions.get(name)!), 0);
    assertAlmostEquals(slope, expected, 0.02 * Math.abs(expected));
    assertEquals(await lossAt(key, start), value);
    assertNotEquals(await lossAt(other, start), value);
    assertNotEquals((await lossAndGradients(model, tokens)).loss, value);
  });

  Deno.test(`masks follow from the seed, the step and the pass (${kind})`, async () => {
    const options = { microBatch: batch, accumulation: 1, sequence, clip: 0, pending: 100, ...constants };
    const lossesOf = async (seed: number, steps: number, rate = 0.1) => {
      using model = await Model.create(device, config, largeParameters(config));
      using training = await TrainingStep.create(model, { ...options, dropout: rate, seed });
      for (let step = 1; step <= steps; step++) training.submit([pass], 0, step);
      return (await training.drain()).map(({ loss }) => loss);
    };
    const losses = await lossesOf(1, 20);
    assertEquals(await lossesOf(1, 20), losses);
    assertEquals(new Set([...losses, ...await lossesOf(2, 20)]).size, 40);
    using model = await Model.create(device, config, largeParameters(config));
    using training = await TrainingStep.create(model, { ...options, accumulation: 2, dropout: 0.1, seed: 1 });
    training.submit([pass, pass], 0, 1);
    const [twice] = await training.drain();
    assertAlmostEquals(twice!.loss, (losses[1]! + losses[2]!) / 2, 1e-5);
  });
}
