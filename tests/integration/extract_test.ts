import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { logits } from "../../lib/model/forward.ts";
import { relativeError } from "../model/small_neox.ts";
import { upTo } from "../subnet/random_sub_network.ts";
import { runTask } from "../tasks/run_task.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = new URL("../../fixtures/teacher", import.meta.url).pathname;
const corpus = new URL("../../fixtures/speeches.jsonl", import.meta.url).pathname;

const block = { groups: upTo(4), headsInGroup: [0], headDims: upTo(32), mlp: upTo(256) };
const alike = { layers: [0, 3], width: upTo(128), blocks: [block, block] };
const different = { ...alike, blocks: [block, { ...block, groups: [1, 6], mlp: upTo(100) }] };

/** Runs the task on a sub-network; returns what it printed and where the student is. */
async function extract(name: string, subNetwork: unknown, ...flags: string[]) {
  const [subnet, out] = [`${shared}/${name}.json`, `${shared}/${name}`];
  await Deno.writeTextFile(subnet, JSON.stringify(subNetwork));
  const places = ["--teacher", teacher, "--subnet", subnet, "--out", out, "--runs", shared];
  return { ...await runTask("extract", [...places, "--device", "cpu", ...flags]), out, subnet };
}

Deno.test("a student whose blocks are alike is an ordinary folder, which training starts from", async () => {
  const { code, stdout, stderr, out } = await extract("alike", { ...alike, parameters: 1, fitness: 2 });
  assertEquals([code, stderr], [0, ""]);
  const { config } = await readModelFolder(out);
  assertEquals([config.blocks, config.layers, config.width, config.heads, config.mlpWidth], [
    undefined,
    2,
    128,
    4,
    256,
  ]);
  assertStringIncludes(stdout, "of 5,787,648 parameters");
  const trained = await runTask("pretrain", [
    ...["--init", out, "--out", shared, "--name", "trained", "--corpus", corpus, "--steps", "1", "--batch", "1"],
    ...["--sample-tokens", "0", "--warmup", "0", "--device", "cpu"],
  ]);
  assertEquals([trained.code, trained.stderr], [0, ""]);
});

Deno.test("a student whose blocks differ has a part of its own in config.json, or is padded to the same function", async () => {
  const own = await extract("different", different);
  assertStringIncludes(own.stdout, "in a form that only Offshoot reads (--uniform for all readers)");
  const padded = await extract("padded", different, "--uniform");
  using device = await openDevice("cpu");
  using first = await loadModel(own.out, device);
  using second = await loadModel(padded.out, device);
  assertEquals([first.config.blocks?.length, second.config.blocks], [2, undefined]);
  const tokens = [upTo(40)];
  assertEquals(await logits(second, tokens), await logits(first, tokens), "to the last bit");
});

Deno.test("repair changes projections and rescaling changes norms, each when asked for", async () => {
  const plain = (await readModelFolder((await extract("plain", alike)).out)).parameters;
  const changed = async (name: string, ...flags: string[]) => {
    const text = ["--corpus", corpus, "--calibration-tokens", "1024"];
    const { code, stderr, out } = await extract(name, alike, ...flags, ...text);
    assertEquals([code, stderr], [0, ""]);
    const { parameters } = await readModelFolder(out);
    return [...parameters].filter(([name, values]) => relativeError(values, plain.get(name)!) > 1e-3)
      .map(([name]) => name.replace(/^gpt_neox\.(layers\.\d+\.)?/, ""));
  };
  const norms = await changed("norms", "--norms", "rescale");
  assert(norms.length > 0 && norms.every((name) => name.includes("norm")), `${norms}`);
  const projections = await changed("repaired", "--repair");
  assertEquals([...new Set(projections)].sort(), [
    "attention.dense.weight",
    "mlp.dense_4h_to_h.bias",
    "mlp.dense_4h_to_h.weight",
  ]);
});

const refused: Record<string, [subNetwork: unknown, flags: string[], message: string]> = {
  "an index beyond the teacher": [
    { ...alike, width: [0, 256] },
    [],
    "'width[1]' must be a whole number from 0 to 255, found 256",
  ],
  "no sub-network": [[1], [], "'subNetwork' must be an object with layers, width and blocks, found [1]"],
  "a padded form that does not exist": [
    { ...alike, width: upTo(100) },
    ["--uniform"],
    "4 heads of at least 32 dimensions must fit the width",
  ],
  "pairs that no config.json can name": [
    { ...alike, blocks: [{ ...block, headDims: [1, 5, ...upTo(32).slice(8)] }, block] },
    [],
    "rotated pairs must be all of its teacher's",
  ],
};

for (const [what, [subNetwork, flags, message]] of Object.entries(refused)) {
  Deno.test(`${what} is refused in one line, and nothing is written`, async () => {
    const { code, stderr, out, subnet } = await extract(`refused-${what.length}`, subNetwork, ...flags);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `error: Cannot use '${subnet}': `);
    assertStringIncludes(stderr, message);
    assertEquals(stderr.trim().split("\n").length, 1);
    assert(!await Deno.stat(out).then(() => true, () => false));
  });
}

Deno.test("a teacher without a tokenizer is refused", async () => {
  const folder = `${shared}/mute`;
  await new Deno.Command("cp", { args: ["-r", teacher, folder] }).output();
  await Deno.remove(`${folder}/tokenizer.json`);
  const { code, stderr } = await extract("mute-student", alike, "--teacher", folder);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "it must hold a tokenizer.json, found none");
});
