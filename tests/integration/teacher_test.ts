import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { Evaluator } from "../../lib/evaluate/loss.ts";
import { hashFile } from "../../lib/io/files.ts";
import { loadModel, tokenizerOf } from "../../lib/io/model_folder.ts";
import { SafetensorsFolder } from "../../lib/io/safetensors_shards.ts";
import { preset } from "../../lib/model/presets.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { extract } from "../../lib/subnet/extract.ts";
import { importanceMethods, importanceOf } from "../../lib/subnet/importance/mod.ts";
import { type Importance, orderedBy } from "../../lib/subnet/orders.ts";
import { refitProjections } from "../../lib/subnet/repair/projections.ts";
import { searchSpace } from "../../lib/subnet/search_space.ts";
import { resolveConfig } from "../../lib/train/config.ts";
import { prepareData } from "../../lib/train/data.ts";

const folder = new URL("../../fixtures/teacher", import.meta.url).pathname;
const readme = await Deno.readTextFile(`${folder}/README.md`);
const device = await openDevice("cpu");
const teacher = await loadModel(folder, device);
const out = await Deno.makeTempDir();
const data = await prepareData(resolveConfig({ preset: "teacher", out }), await tokenizerOf(teacher), () => {});
Deno.test.afterAll(async () => {
  device[Symbol.dispose]();
  await Deno.remove(out, { recursive: true });
});

/** Windows of the training split, each of `length` tokens, far apart. */
function windows(count: number, length: number, first: number): number[][] {
  const apart = Math.floor((data.train.length - first - length) / count);
  return Array.from(
    { length: count },
    (_, i) => [...data.train.subarray(first + i * apart, first + i * apart + length)],
  );
}

async function lossOf(model: typeof teacher, limit: number): Promise<number> {
  const { validation: tokens, bytesPerToken } = data;
  using evaluator = await Evaluator.create(model, { tokens, bytesPerToken, limit, batch: 8, sequence: 256 });
  return (await evaluator.evaluate()).loss;
}

Deno.test("the shipped teacher has the preset's shape, in float16 and at most 16 MB", async () => {
  assertEquals(teacher.config, { ...preset("teacher").config });
  using files = await SafetensorsFolder.open(folder);
  for (const [name, { dtype }] of files.tensors) assertEquals(dtype, "F16", name);
  assert((await Deno.stat(`${folder}/model.safetensors`)).size <= 16e6);
  assertStringIncludes(readme, await hashFile(`${folder}/model.safetensors`));
});

Deno.test("the shipped teacher reaches what its README says, far below a bigram model", async () => {
  const row = /as it lies here, float16 +\| +[\d,]+ +\| +[\d,]+ +\| +([\d.]+) \|/.exec(readme);
  assert(row, "the table names the shipped model");
  const loss = await lossOf(teacher, Infinity);
  assertAlmostEquals(loss, Number(row[1]), 1e-3);
  assert(loss < 0.7 * data.baselines.bigram.nats);
});

/** The opposite order. */
function reversed({ layers, width, blocks }: Importance): Importance {
  const negative = (scores: ArrayLike<number>) => Array.from(scores, (score) => -score);
  return {
    layers: negative(layers),
    width: negative(width),
    blocks: blocks.map(({ groups, headsInGroup, headDims, mlp }) => ({
      ...{ groups: negative(groups), headsInGroup: negative(headsInGroup) },
      ...{ headDims: negative(headDims), mlp: negative(mlp) },
    })),
  };
}

for (const method of Object.keys(importanceMethods) as (keyof typeof importanceMethods)[]) {
  Deno.test(`keeping what matters most in the teacher beats keeping what matters least, by ${method}`, async () => {
    const space = searchSpace("fine-layerwise", dimensionsOf(teacher.config), { fixed: ["headDims"] });
    const sizes = (kept: Partial<{ width: number; groups: number; mlp: number; layers: number }>) => {
      const { width = 256, groups = 8, mlp = 1024, layers = 6 } = kept;
      return { width, blocks: Array(layers).fill({ groups, headsInGroup: 1, headDims: 32, mlp }) };
    };
    const batches = windows(16, 129, 0).map((window) => [window]);
    const importance = await importanceOf(teacher, batches, method);
    for (const kept of [{ width: 160 }, { groups: 4 }, { mlp: 512 }, { layers: 4 }]) {
      const losses: number[] = [];
      for (const order of [importance, reversed(importance)]) {
        using student = await extract(teacher, orderedBy(order)(sizes(kept), space));
        losses.push(await lossOf(student, 4096));
      }
      assert(losses[0]! < losses[1]!, `${JSON.stringify(kept)}: ${losses[0]} for the most, ${losses[1]} for the least`);
    }
  });
}

Deno.test("refitting output projections lowers the loss of a student that was not trained", async () => {
  const space = searchSpace("fine-uniform", dimensionsOf(teacher.config), { fixed: ["headDims"] });
  const blocks = Array(4).fill({ groups: 4, headsInGroup: 1, headDims: 32, mlp: 512 });
  const order = orderedBy(await importanceOf(teacher, [windows(4, 129, 0)], "activation"));
  const subNetwork = order({ width: 128, blocks }, space);
  using student = await extract(teacher, subNetwork);
  const before = await lossOf(student, 4096);
  await refitProjections(teacher, student, subNetwork, windows(16, 256, 0));
  const after = await lossOf(student, 4096);
  assert(after < before - 0.3, `${before} nats before, ${after} after`);
});
