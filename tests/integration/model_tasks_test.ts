import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { readLog } from "../../lib/io/run_log.ts";
import { logits } from "../../lib/model/forward.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { preset } from "../../lib/model/presets.ts";
import { runTask } from "../tasks/run_task.ts";
import { hashesOf, pretrainTiny, STEPS } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
const out = ["--out", shared];
const run = `${shared}/a run`.replace(" ", "-");
const final = `${run}/final`;
const trained = pretrainTiny(...out, "--name", "a-run");
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

async function ended(task: string, ...args: string[]): Promise<string> {
  assertEquals((await trained).code, 0);
  const { code, stdout, stderr } = await runTask(task, args);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("evaluate finds the run's last validation again, on its corpus and its tokens", async () => {
  const report = JSON.parse(await ended("evaluate", final, ...out, "--tokens", "256", "--json"));
  const row = (await readLog(`${run}/log.jsonl`)).at(-1)!;
  const { loss, perplexity, bitsPerByte, tokens } = report;
  assertEquals([loss, perplexity, bitsPerByte], [row.val_loss, row.val_perplexity, row.val_bpb]);
  assertEquals([row.step, tokens], [STEPS, 256]);
  assertStringIncludes((await trained).stdout, `deno task evaluate ${final} --tokens 256`);
});

Deno.test("evaluate measures the whole split, or another corpus, when asked to", async () => {
  const whole = JSON.parse(await ended("evaluate", final, ...out, "--json"));
  assert(whole.tokens > 256);
  const text = `${shared}/other.md`;
  await Deno.writeTextFile(text, "One line of a text that has many.\n".repeat(400) + "And a last one.\n".repeat(40));
  const line = await ended("evaluate", final, ...out, "--corpus", text, "--sequence", "16", "--batch", "2");
  assert(/\/final: loss [\d.]+ nats, perplexity [\d.]+, [\d.]+ bits per byte on [\d,]+ tokens/.test(line), line);
});

Deno.test("generate gives the same text for the same seed, another for another, and one for temperature 0", async () => {
  const text = (...flags: string[]) => ended("generate", final, "--prompt", "We must", "--tokens", "12", ...flags);
  const first = await text("--seed", "3");
  assert(first.startsWith("We must") && first.length > "We must\n".length, first);
  assertEquals(await text("--seed", "3"), first);
  assertNotEquals(await text("--seed", "4"), first);
  assertEquals(await text("--temperature", "0", "--seed", "3"), await text("--temperature", "0", "--seed", "4"));
});

Deno.test("a run starts from a folder's weights with its tokenizer, and its own final folder loads", async () => {
  const before = await hashesOf(final);
  const flags = ["--init", final, ...out, "--name", "next", "--steps", "2", "--lr", "1e-9", "--warmup", "0"];
  const { code, stderr } = await pretrainTiny(...flags);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await hashesOf(final), before);
  assertEquals((await hashesOf(`${shared}/next/final`))["tokenizer.json"], before["tokenizer.json"]);

  using device = await openDevice("webgpu");
  using old = await loadModel(final, device);
  using next = await loadModel(`${shared}/next/final`, device);
  const tokens = [[1, 2, 3, 4]];
  const [expected, found] = [await logits(old, tokens), await logits(next, tokens)];
  const distance = Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)));
  assert(distance > 0 && distance < 1e-4, `two steps of almost no rate must change almost nothing, found ${distance}`);
});

Deno.test("a folder with settings that no flag names is continued with them", async () => {
  const folder = `${shared}/other-settings`;
  await new Deno.Command("cp", { args: ["-rL", final, folder] }).output();
  await Deno.remove(`${folder}/trainer.json`);
  const config = JSON.parse(await Deno.readTextFile(`${folder}/config.json`));
  Object.assign(config, { layer_norm_eps: 0.25, rotary_emb_base: 77 });
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
  const flags = ["--init", folder, ...out, "--name", "settings", "--steps", "1", "--warmup", "0", "--sequence", "16"];
  const { code, stderr } = await pretrainTiny(...flags);
  assertEquals([code, stderr], [0, ""]);
  const found = JSON.parse(await Deno.readTextFile(`${shared}/settings/final/config.json`));
  assertEquals([found.layer_norm_eps, found.rotary_emb_base, found.max_position_embeddings], [0.25, 77, 16]);
});

Deno.test("a model whose blocks have shapes of their own is trained, resumed, evaluated and sampled from", async () => {
  await trained;
  const { tokenizerJson } = await readModelFolder(final);
  const blocks = [
    { heads: 3, headSize: 6, rotary: 4, mlpWidth: 20 },
    { heads: 1, headSize: 8, rotary: 4, exponents: [0, 0.75], mlpWidth: 33 },
  ];
  const config = { ...preset("tiny").config, width: 14, blocks };
  const folder = `${shared}/blocks`;
  await writeModelFolder(folder, { config, parameters: initialise(config, 1), tokenizerJson });
  const begun = await pretrainTiny("--init", folder, ...out, "--name", "own", "--steps", "8");
  assertEquals([begun.code, begun.stderr], [0, ""]);
  assertStringIncludes(begun.stdout, `the model in '${folder}': 2 layers, width 14, 3/1 heads, MLP 20/33`);
  assertStringIncludes(begun.stdout, `${countParameters(config).toLocaleString("en-US")} parameters`);
  const longer = await runTask("pretrain", ["--resume", `${shared}/own`, "--steps", "12"]);
  assertEquals([longer.code, longer.stderr], [0, ""]);
  assertEquals((await readModelFolder(`${shared}/own/final`)).config.blocks, blocks);
  for (const [task, ...flags] of [["evaluate", "--tokens", "256"], ["generate", "--tokens", "4"]] as const) {
    const { code, stderr } = await runTask(task, [`${shared}/own/final`, ...flags]);
    assertEquals([code, stderr], [0, ""], task);
  }
});

Deno.test("a model with query groups is trained, continued from its folder, and a teacher whose students are trained", async () => {
  const begun = await pretrainTiny(...out, "--name", "grouped", "--query-groups", "1", "--steps", "2", "--warmup", "0");
  assertEquals([begun.code, begun.stderr], [0, ""]);
  assertStringIncludes(begun.stdout, "2 heads, query groups 1");
  const folder = `${shared}/grouped/final`;
  const groups = async (path: string) => (await readModelFolder(path)).config.blocks?.map((block) => block.queryGroups);
  assertEquals(await groups(folder), [1, 1]);

  const flags = [...out, "--steps", "1", "--warmup", "0"];
  const refused = await pretrainTiny("--init", folder, ...flags, "--name", "no", "--query-groups", "2");
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.stderr, "--query-groups must be the folder's 1, found 2; leave it out");

  const block = { groups: [0], headDims: [0, 1, 2, 3, 4, 5, 6, 7], mlp: [0, 5, 9] };
  const subnet = `${shared}/grouped.json`;
  for (const headsInGroup of [[0, 1], [1]]) {
    const parts = { layers: [1], width: [0, 1, 2, 3, 4, 5, 6, 7], blocks: [{ ...block, headsInGroup }] };
    await Deno.writeTextFile(subnet, JSON.stringify(parts));
    const student = `${shared}/grouped-${headsInGroup.length}`;
    const places = ["--teacher", folder, "--subnet", subnet, "--out", student, "--runs", shared, "--repair"];
    const cut = await runTask("extract", [...places, "--calibration-tokens", "256", "--device", "cpu"]);
    assertEquals([cut.code, cut.stderr], [0, ""]);
    assertEquals(await groups(student), headsInGroup.length === 2 ? [1] : undefined);
    const trained = await pretrainTiny("--init", student, ...flags, "--name", `student-${headsInGroup.length}`);
    assertEquals([trained.code, trained.stderr], [0, ""]);
  }
});

Deno.test("a model with more rows than its tokenizer has tokens samples tokens only", async () => {
  await trained;
  const flags = ["--tokenizer", `${final}/tokenizer.json`, "--vocabulary", "2000", ...out, "--name", "padded"];
  const { code, stdout, stderr } = await pretrainTiny(...flags, "--steps", "2", "--sample-tokens", "20");
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, 'sample: "The American people');
});
