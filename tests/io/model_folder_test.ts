import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import type { GPTNeoXConfig } from "../../lib/model/config.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { inheritanceJson, loadModel, logits, lossAndGradients, Model, openDevice, saveModel } from "../../mod.ts";
import { relativeError } from "../model/small_neox.ts";
import { inFolder } from "./temporary_folder.ts";

const fixture = new URL("../../fixtures/neox-tiny", import.meta.url).pathname;

/** Results in double precision, by changes to the config under which the same weights are another model. */
interface Expected {
  readonly tokens: number[][];
  readonly cases: readonly { changes: Partial<GPTNeoXConfig>; loss: number; lastLogits: number[][] }[];
}

const { tokens, cases }: Expected = JSON.parse(await Deno.readTextFile(`${fixture}/expected.json`));
const device = await openDevice("webgpu");
Deno.test.afterAll(() => device[Symbol.dispose]());

for (const { changes, loss, lastLogits } of cases) {
  Deno.test(`a loaded model has the logits and the loss of double precision with ${JSON.stringify(changes)}`, async () => {
    using loaded = await loadModel(fixture, device);
    using model = await Model.create(device, { ...loaded.config, ...changes }, await loaded.parameters());
    const { vocabularySize } = model.config;
    assertAlmostEquals((await lossAndGradients(model, tokens)).loss, loss, 2e-6 * loss);
    for (const [row, expected] of lastLogits.entries()) {
      const last = (await logits(model, [tokens[row]!.slice(0, -1)])).slice(-vocabularySize);
      assertAlmostEquals(relativeError(last, expected), 0, 2e-6);
    }
  });
}

Deno.test("what a student was cut out of is saved with it, and forgotten when another model takes its folder", () =>
  inFolder(async (folder) => {
    using model = await loadModel(fixture, device);
    const block = { groups: [0], headsInGroup: [0], headDims: [0], mlp: [0] };
    const subnetJson = inheritanceJson({ layers: [1], width: [0, 3], blocks: [block] }, "a hash");
    await saveModel(model, `${folder}/model`, { subnetJson });
    assertEquals((await readModelFolder(`${folder}/model`)).subnetJson, subnetJson as unknown);
    await saveModel(model, `${folder}/model`);
    assertEquals("subnetJson" in await readModelFolder(`${folder}/model`), false);
  }));

Deno.test("a model that is loaded and saved has the same bytes on disk", () =>
  inFolder(async (folder) => {
    using model = await loadModel(fixture, device);
    await saveModel(model, `${folder}/model`);
    for (const file of ["config.json", "model.safetensors"]) {
      assertEquals(await Deno.readFile(`${folder}/model/${file}`), await Deno.readFile(`${fixture}/${file}`), file);
    }
    assertEquals(Array.from(Deno.readDirSync(`${folder}/model`), ({ name }) => name).sort(), [
      "config.json",
      "model.safetensors",
    ]);
  }));

Deno.test("a tokenizer goes with its model", () =>
  inFolder(async (folder) => {
    using loaded = await loadModel(fixture, device);
    const tokenizerJson = { version: "1.0", model: { type: "BPE" } };
    using model = await Model.create(device, loaded.config, await loaded.parameters(), tokenizerJson);
    await saveModel(model, `${folder}/model`);
    using again = await loadModel(`${folder}/model`, device);
    assertEquals(again.tokenizerJson, tokenizerJson);
    assertEquals(again.config, model.config);
  }));

Deno.test("a model saved in half precision loads with its values rounded to it", () =>
  inFolder(async (folder) => {
    using model = await loadModel(fixture, device);
    await saveModel(model, `${folder}/half`, { dtype: "F16" });
    using half = await loadModel(`${folder}/half`, device);
    const rounded = [...await model.parameters()].map(([name, values]) => [name, values.map(Math.f16round)]);
    assertEquals([...await half.parameters()], rounded);
  }));

Deno.test("a folder that holds no model leaves no memory behind", () =>
  inFolder(async (folder) => {
    const { bytes } = device.counters;
    await assertRejects(() => loadModel(folder, device), FileError, "config.json': it does not exist");
    assertEquals(device.counters.bytes, bytes);
  }));
