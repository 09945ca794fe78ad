import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { makeNeoxTiny } from "../../fixtures/make_neox_tiny.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { writeNew } from "../../lib/io/files.ts";
import { namedTensors, readModelFolder, type StoredModel, writeModelFolder } from "../../lib/io/huggingface.ts";
import { jsonText, readJson } from "../../lib/io/json.ts";
import { SafetensorsFile } from "../../lib/io/safetensors.ts";
import { type NamedTensor, writeSafetensors } from "../../lib/io/safetensors_writer.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { presets } from "../../lib/model/presets.ts";
import { inFolder } from "./temporary_folder.ts";

const { config } = presets.tiny;
const model: StoredModel = { config, parameters: initialise(config, 5), tokenizerJson: { model: { type: "BPE" } } };
const tensors = namedTensors(config, model.parameters);

/** Writes a model whose tensors have been tampered with. */
async function writeTensors(folder: string, changed: readonly NamedTensor[]): Promise<void> {
  await writeModelFolder(folder, model);
  await writeSafetensors(`${folder}/model.safetensors`, changed);
}

/** Writes a model as shards with an index, as `transformers` does with large ones. */
async function writeShards(folder: string, shards: Record<string, NamedTensor[]>, map?: object): Promise<void> {
  await writeModelFolder(folder, model);
  await Deno.remove(`${folder}/model.safetensors`);
  for (const [name, part] of Object.entries(shards)) await writeSafetensors(`${folder}/${name}`, part);
  const entries = Object.entries(shards).flatMap(([shard, part]) => part.map(({ name }) => [name, shard]));
  const index = { metadata: {}, weight_map: { ...Object.fromEntries(entries), ...map } };
  await writeNew(`${folder}/model.safetensors.index.json`, jsonText(index));
}

const halves = { "a.safetensors": tensors.slice(0, 9), "b.safetensors": tensors.slice(9) };
const line = (error: Error) => {
  assert(!error.message.includes("\n"), error.message);
  return error.message;
};

Deno.test("a model comes back from its folder bit for bit, with its tokenizer", () =>
  inFolder(async (folder) => {
    await writeModelFolder(`${folder}/model`, model);
    assertEquals(await readModelFolder(`${folder}/model`), model);
    await writeModelFolder(`${folder}/bare`, { config, parameters: model.parameters });
    assertEquals(await readModelFolder(`${folder}/bare`), { config, parameters: model.parameters });
  }));

Deno.test("the folder is what transformers expects: names, metadata, dtype", () =>
  inFolder(async (folder) => {
    await writeModelFolder(`${folder}/model`, model, { dtype: "F16" });
    const names = Array.from(Deno.readDirSync(`${folder}/model`), ({ name }) => name).sort();
    assertEquals(names, ["config.json", "model.safetensors", "tokenizer.json"]);
    const json = await readJson(`${folder}/model/config.json`) as Record<string, unknown>;
    assertEquals([json.model_type, json.torch_dtype], ["gpt_neox", "float16"]);
    using file = await SafetensorsFile.open(`${folder}/model/model.safetensors`);
    assertEquals(file.metadata, new Map([["format", "pt"]]));
    assertEquals(file.tensors.get("embed_out.weight")!.dtype, "F16");
  }));

Deno.test("two writes of a model give the same bytes", () =>
  inFolder(async (folder) => {
    for (const name of ["one", "two"]) await writeModelFolder(`${folder}/${name}`, model);
    for (const file of ["config.json", "model.safetensors", "tokenizer.json"]) {
      assertEquals(await Deno.readFile(`${folder}/one/${file}`), await Deno.readFile(`${folder}/two/${file}`), file);
    }
  }));

Deno.test("shards are read like one file", () =>
  inFolder(async (folder) => {
    await writeShards(folder, halves);
    assertEquals(await readModelFolder(folder), model);
  }));

const refusedShards: [what: string, shards: Record<string, NamedTensor[]>, map: object, message: string][] = [
  ["a missing shard", halves, { "embed_out.weight": "c.safetensors" }, "c.safetensors': it does not exist"],
  [
    "a tensor that is not in its shard",
    halves,
    { "embed_out.weight": "a.safetensors" },
    "tensor 'embed_out.weight' must lie in a.safetensors, which does not have it",
  ],
  [
    "a tensor that two shards have",
    { ...halves, "b.safetensors": tensors.slice(8) },
    { [tensors[8]!.name]: "a.safetensors" },
    `tensor '${tensors[8]!.name}' must stand once in the index, which also has the one in b.safetensors`,
  ],
  [
    "a way out of the folder",
    halves,
    { "embed_out.weight": "../b.safetensors" },
    `tensor 'embed_out.weight' must be mapped to the name of a .safetensors file in this folder, found "../b.safetensors"`,
  ],
];

for (const [what, shards, map, message] of refusedShards) {
  Deno.test(`shards with ${what} are refused in one line`, () =>
    inFolder(async (folder) => {
      await writeShards(folder, shards, map);
      assertStringIncludes(line(await assertRejects(() => readModelFolder(folder), FileError)), message);
    }));
}

Deno.test("one line names every missing, unexpected and wrongly shaped tensor", () =>
  inFolder(async (folder) => {
    const [embedding, gain, ...others] = tensors;
    const changed = [
      { ...embedding!, shape: [16, 320] },
      { ...gain!, name: "gpt_neox.layers.0.norm.weight" },
      ...others.slice(0, -1),
    ];
    await writeTensors(folder, changed);
    const error = await assertRejects(() => readModelFolder(folder), FileError);
    assertEquals(
      line(error),
      `Cannot read '${folder}': missing gpt_neox.layers.0.input_layernorm.weight, embed_out.weight; ` +
        "unexpected gpt_neox.layers.0.norm.weight; 'gpt_neox.embed_in.weight' must be [320, 16], found [16, 320]; " +
        "use the config.json that belongs to these tensors",
    );
  }));

Deno.test("buffers of older files are passed over", () =>
  inFolder(async (folder) => {
    const names = ["attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"];
    const buffers = names.map((name) => ({
      name: `gpt_neox.layers.0.${name}`,
      shape: [1],
      values: Float32Array.of(0),
    }));
    await writeTensors(folder, [...buffers, ...tensors]);
    assertEquals(await readModelFolder(folder), model);
  }));

Deno.test("tensors without the model's prefix are refused", () =>
  inFolder(async (folder) => {
    await writeTensors(folder, tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace("gpt_neox.", "") })));
    await assertRejects(
      () => readModelFolder(folder),
      FileError,
      "missing gpt_neox.embed_in.weight, gpt_neox.layers.0",
    );
  }));

Deno.test("what a folder lacks is said in one line", () =>
  inFolder(async (folder) => {
    await assertRejects(() => readModelFolder(`${folder}/none`), FileError, "config.json': it does not exist");
    await writeModelFolder(`${folder}/model`, model);
    await Deno.remove(`${folder}/model/model.safetensors`);
    const either = "it must hold model.safetensors or model.safetensors.index.json";
    await assertRejects(() => readModelFolder(`${folder}/model`), FileError, either);
    await writeNew(`${folder}/model/pytorch_model.bin`, "");
    await assertRejects(() => readModelFolder(`${folder}/model`), FileError, "safe_serialization=True");
    await writeNew(`${folder}/model/config.json`, jsonText({ model_type: "llama" }));
    const error = await assertRejects(() => readModelFolder(`${folder}/model`), FileError);
    assertEquals(
      line(error),
      `Cannot read '${folder}/model/config.json': 'model_type' must be gpt_neox, found "llama"`,
    );
  }));

Deno.test("a folder with anything but a model in it is not written over", () =>
  inFolder(async (folder) => {
    await writeModelFolder(folder, model);
    await writeModelFolder(folder, model);
    await writeNew(`${folder}/notes.md`, "mine");
    const rule = "the folder must be new, empty or a model, found notes.md in it";
    await assertRejects(() => writeModelFolder(folder, model), FileError, rule);
    assertEquals(await Deno.readTextFile(`${folder}/notes.md`), "mine");
  }));

Deno.test("a model that lacks a parameter is not written, and what was there stays", () =>
  inFolder(async (folder) => {
    await writeModelFolder(`${folder}/model`, model);
    const parameters = new Map(model.parameters);
    parameters.delete("embed_out.weight");
    const write = () => writeModelFolder(`${folder}/model`, { config, parameters });
    await assertRejects(write, RangeError, "Cannot write 'embed_out.weight': the model must have values for it");
    assertEquals(await readModelFolder(`${folder}/model`), model);
  }));

Deno.test("the fixture is what its script makes, byte for byte", () =>
  inFolder(async (folder) => {
    const fixture = new URL("../../fixtures/neox-tiny", import.meta.url).pathname;
    await makeNeoxTiny(folder);
    for (const { name } of Deno.readDirSync(fixture)) {
      assertEquals(await Deno.readFile(`${folder}/${name}`), await Deno.readFile(`${fixture}/${name}`), name);
    }
    assertEquals((await readModelFolder(fixture)).config.width, 16);
  }));
