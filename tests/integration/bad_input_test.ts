import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { presets } from "../../lib/model/presets.ts";
import { runTask } from "../tasks/run_task.ts";
import { startTask } from "./started_task.ts";
import { hashesOf, outcomeOf, pretrainTiny, STEPS, tinyFlags } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
const out = `${shared}/runs`;
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

/** Writes a file of the tests' folder and returns its path. */
async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = `${shared}/${name}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
  return path;
}

/** Runs the task and checks that it fails with one line and leaves no run behind. */
async function assertRefused(flags: string[], code: 1 | 2, reason: string | RegExp): Promise<void> {
  const result = await pretrainTiny("--out", out, "--name", "refused", "--quiet", ...flags);
  if (typeof reason === "string") assertStringIncludes(result.stderr, reason);
  else assertMatch(result.stderr, reason);
  assertEquals([result.code, result.stdout], [code, ""], result.stderr);
  const [line, end, ...more] = result.stderr.split("\n");
  assert(line!.startsWith("error: ") && end === "" && more.length === 0, `one line must be printed: ${result.stderr}`);
  assertEquals(await exists(`${out}/refused`), false, "a run that cannot start must leave nothing");
}

Deno.test("flags and config files that are wrong", async () => {
  await assertRefused(["--stepz", "3"], 2, "Cannot use --stepz: there is no such flag; did you mean --steps?");
  await assertRefused(["--steps", "many"], 2, `Cannot use --steps: must be "auto" or a whole number of at least 1`);
  await assertRefused(["--name", "a/b"], 2, "Cannot use --name: must be letters, digits,");
  await assertRefused(["--name", "tokens"], 2, "the folder of tokens has that name; choose another --name");
  await assertRefused(["--heads", "3"], 2, "'--heads' must be a divisor of '--width' = 16, found 3");
  await assertRefused(["--config", `${shared}/none.json`], 1, "none.json': it does not exist; check the path");
  await assertRefused(["--config", await file("cut.json", '{"steps": 3')], 1, "cut.json': it must be JSON");
  const config = await file("wrong.json", '{"learningRate": 3}');
  await assertRefused(["--config", config], 2, "Cannot use 'learningRate' in the config file: there is no such field");
});

Deno.test("corpora that are missing, empty, too short or of another form", async () => {
  await assertRefused(["--corpus", `${shared}/none.txt`], 1, "none.txt': it does not exist; check the path");
  await assertRefused(["--corpus", await file("empty.txt", "")], 1, "a corpus must hold at least one document");
  await Deno.mkdir(`${shared}/empty folder`);
  await assertRefused(["--corpus", `${shared}/empty folder`], 1, "must hold .txt or .md files, found none");
  await assertRefused(["--corpus", await file("line.txt", "One line.\n")], 1, "each need a document, found 1");
  const short = await file("short.jsonl", '{"text": "One short document."}\n{"text": "And another."}\n');
  const reason = /its (train|validation) split must have at least 33 tokens for a --sequence of 32, found \d/;
  await assertRefused(["--corpus", short, "--vocabulary", "257"], 2, reason);
  const other = await file("other.jsonl", '{"text": "One."}\n{"body": "Two."}\n');
  await assertRefused(
    ["--corpus", other],
    1,
    "line 2 must have its text as a string in the field 'text', found only 'body'; name the field with --field",
  );
});

Deno.test("vocabularies and tokenizers that do not fit", async () => {
  await assertRefused(["--vocabulary", "100"], 2, "Cannot use --vocabulary: must be at least 257");
  await assertRefused(["--vocabulary", "20000"], 2, "Cannot train a tokenizer: --vocabulary must be at most");
  await assertRefused(["--tokenizer", `${shared}/none.json`], 1, "none.json': it does not exist; check the path");
  await assertRefused(["--tokenizer", await file("tokenizer.txt", "a b c")], 1, "tokenizer.txt': it must be JSON");
  for (const [i, json] of ["3", "{}", '{"model": {}}'].entries()) {
    const path = await file(`tokenizer-${i}.json`, json);
    await assertRefused(["--tokenizer", path], 1, `Cannot read '${path}': it must be a Hugging Face tokenizer.json`);
  }
  const { code, stderr } = await pretrainTiny("--out", out, "--name", "large", "--vocabulary", "400", "--steps", "2");
  assertEquals([code, stderr], [0, ""]);
  const tokenizer = `${out}/large/final/tokenizer.json`;
  await assertRefused(["--tokenizer", tokenizer], 2, "--vocabulary must be at least its 400 tokens, found 320");
});

Deno.test("folders to start from that are missing, damaged, lying or of another shape", async () => {
  const { config } = presets.tiny;
  const folder = `${shared}/model`;
  await writeModelFolder(folder, { config, parameters: initialise(config, 1) });
  const weights = await Deno.readFile(`${folder}/model.safetensors`);
  const init = ["--init", folder];
  await assertRefused(["--init", `${shared}/none`], 1, "none/config.json': it does not exist; check the path");
  await assertRefused([...init, "--width", "32"], 2, `Cannot start from '${folder}': --width must be the folder's 16`);
  await assertRefused([...init, "--sequence", "64"], 2, "--sequence must be at most the folder's 32, found 64");
  await assertRefused(init, 2, "found no tokenizer.json in it; name one with --tokenizer");

  const broken = async (bytes: Uint8Array, reason: string) => {
    await Deno.writeFile(`${folder}/model.safetensors`, bytes);
    await assertRefused(init, 1, reason);
  };
  await broken(weights.subarray(0, weights.length - 8), "must end within the file's");
  await broken(weights.subarray(0, 5), "model.safetensors");
  const lying = new TextDecoder("latin1").decode(weights).replace('"shape":[320,16]', '"shape":[16,320]');
  await broken(Uint8Array.from(lying, (letter) => letter.charCodeAt(0)), "must be [320, 16], found [16, 320]");
  const parameters = initialise(config, 1);
  parameters.get("embed_out.weight")![7] = NaN;
  await writeModelFolder(folder, { config, parameters });
  await assertRefused(init, 1, "weights must be finite, found NaN in 'embed_out.weight'");
});

Deno.test("places that cannot be written to", async () => {
  const there = await file("a file", "");
  await assertRefused(
    ["--out", there],
    1,
    `Cannot write '${there}/tokens': a part of the path is a file, not a folder`,
  );
  await assertRefused(["--out", "/proc/none"], 1, "Cannot write '/proc/none/tokens': ");
});

Deno.test("memory that does not suffice is known before anything is allocated or written", async () => {
  const place = `${shared}/nothing here`;
  const flags = ["--out", place, "--batch", "4000000", "--micro-batch", "4000000"];
  await assertRefused(flags, 1, "lower --micro-batch, --sequence or the model's size: ");
  const { stderr } = await pretrainTiny(...flags);
  assert(/: [\d.]+ [GT]iB needed, [\d.]+ [MGT]iB available\n$/.test(stderr), stderr);
  assertEquals(await exists(place), false);
});

Deno.test("a run of that name is not begun again", async () => {
  const flags = ["--out", out, "--name", "there"];
  assertEquals((await pretrainTiny(...flags, "--steps", "2")).code, 0);
  const before = await outcomeOf(`${out}/there`);
  const { code, stderr } = await pretrainTiny(...flags);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `Cannot begin a run in '${out}/there': there must be none, found one`);
  assertEquals(await outcomeOf(`${out}/there`), before);
});

Deno.test("a run whose loss is no number stops at that step", async () => {
  const flags = ["--out", out, "--name", "absurd", "--lr", "1e6", "--warmup", "0", "--checkpoint-every", "0"];
  const { code, stderr } = await pretrainTiny(...flags);
  assertEquals(code, 1);
  const rule = /^error: Cannot go on after step (\d+): loss and gradient norm must be finite, found [^;]*; nothing was/;
  assertMatch(stderr, rule);
  assert(Number(rule.exec(stderr)![1]) < STEPS, stderr);
  assertEquals(await exists(`${out}/absurd/final`), false);
});

Deno.test("what was saved before the loss was no number is kept, and has no such weights", async () => {
  // The rate rises so steeply that the first checkpoint is still a good one.
  const flags = ["--out", out, "--name", "diverging", "--lr", "1e15", "--checkpoint-every", "1", "--warmup", "47"];
  const { code, stderr } = await pretrainTiny(...flags);
  assertEquals(code, 1);
  const [, step, saved] = /^error: Cannot go on after step (\d+): .*; the checkpoint of step (\d+) in/.exec(stderr) ??
    [];
  assert(Number(saved) >= 1 && Number(saved) < Number(step), stderr);
  const { parameters } = await readModelFolder(`${out}/diverging/final`);
  assert([...parameters.values()].every((values) => values.every(Number.isFinite)));
});

Deno.test("a place that can no longer be written to stops the run, which goes on from there once it can", async () => {
  const flags = ["--out", out, "--keep", "0"];
  const whole = await pretrainTiny(...flags, "--name", "whole");
  assertEquals([whole.code, whole.stderr], [0, ""]);

  const run = `${out}/blocked`;
  await using task = startTask("pretrain", [...tinyFlags, ...flags, "--name", "blocked"]);
  await task.printed(/^ +10 /m);
  await Deno.rename(`${run}/checkpoints`, `${run}/checkpoints before`);
  await Deno.writeTextFile(`${run}/checkpoints`, "");
  const { code, stderr } = await task.ended;
  assertEquals(code, 1);
  assertMatch(stderr, /^error: Cannot (read|write) '[^\n]*': a part of the path is a file, not a folder; [^\n]*\n$/);

  await Deno.remove(`${run}/checkpoints`);
  await Deno.rename(`${run}/checkpoints before`, `${run}/checkpoints`);
  const resumed = await pretrainTiny("--resume", run);
  assertEquals([resumed.code, resumed.stderr], [0, ""]);
  assertEquals(await outcomeOf(run), await outcomeOf(`${out}/whole`));
});

Deno.test("a disk that is full from the start", async () => {
  await Deno.mkdir(`${out}/filled`, { recursive: true });
  await Deno.symlink("/dev/full", `${out}/filled/adapter.json.partial`);
  const { code, stderr } = await pretrainTiny("--out", out, "--name", "filled", "--quiet");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "adapter.json.partial': the disk is full; free some space or choose another folder");
});

Deno.test("folders that are no model cannot be evaluated, nor generate", async () => {
  const { code } = await pretrainTiny("--out", out, "--name", "model", "--steps", "2");
  assertEquals(code, 0);
  const files = await hashesOf(`${out}/model/final`);
  for (const task of ["evaluate", "generate"]) {
    const refusals: [string[], 1 | 2, string][] = [
      [[], 2, "Cannot go on without <folder>: "],
      [[`${shared}/none`], 1, "none/config.json': it does not exist; check the path"],
      [[`${out}/model`], 2, `it must be a model, found a run; its model is '${out}/model/final'`],
      [[`${out}/model/final`, "--no-such"], 2, "there is no such flag"],
    ];
    for (const [args, code, reason] of refusals) {
      const result = await runTask(task, args);
      assertStringIncludes(result.stderr, reason);
      assertEquals([result.code, result.stdout, result.stderr.split("\n").length], [code, "", 2]);
    }
  }
  const negative = await runTask("generate", [`${out}/model/final`, "--top-k=-1"]);
  assertEquals(negative.code, 2);
  assertStringIncludes(negative.stderr, "Cannot use --top-k: must be a whole number of at least 0, found -1");
  const long = await runTask("evaluate", [`${out}/model/final`, "--sequence", "64"]);
  assertEquals(long.code, 2);
  assertStringIncludes(long.stderr, "--sequence must be at most the model's 32, found 64; lower it");
  assertEquals(await hashesOf(`${out}/model/final`), files);
});
