import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { readLog } from "../../lib/io/run_log.ts";
import { readStoreManifest } from "../../lib/distill/store/manifest.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import type { TrainRow } from "../../lib/train/records.ts";
import { runTask } from "../tasks/run_task.ts";
import { startTask } from "./started_task.ts";
import { corpus, hashesOf, outcomeOf, pretrainTiny, tinyFlags } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
assertEquals((await pretrainTiny("--out", shared, "--name", "teacher")).code, 0);
const SEQUENCE = 32;

/** Runs `deno task teach` on the corpus of the tiny runs; the teacher's run names it. */
const teach = (store: string, ...flags: string[]) =>
  runTask("teach", ["--teacher", teacher, "--out", `${shared}/${store}`, "--runs", shared, ...flags]);
const flags = (name: string, store: string) => [
  ...["--out", shared, "--name", name, "--teacher", `${shared}/${store}`],
  ...["--width", "8", "--heads", "1"],
];
const student = (name: string, store: string, ...given: string[]) => pretrainTiny(...flags(name, store), ...given);
/** More than an epoch with the teacher, and then some steps without. */
const LONGER = ["--steps", "96", "--distil-until", "0.9"];

const written = await teach("store", "--k", "8");

Deno.test("a teacher's store says what it holds and cost, and a student learns from it by the command that is printed", async () => {
  assertEquals([written.code, written.stderr], [0, ""]);
  const manifest = (await readStoreManifest(`${shared}/store`))!;
  const { windows } = manifest;
  const { config } = await readModelFolder(teacher);
  assertEquals(manifest.bytesPerToken, 8 * 2 + 9 * 2 + 24 / SEQUENCE);
  const flops = windows * SEQUENCE * forwardFlopsPerToken(config);
  assertMatch(written.stdout, new RegExp(`^${windows} of ${windows} windows, .* tokens/s, 0:00 left$`, "m"));
  assertStringIncludes(written.stdout, `windows of 32 tokens, 34.75 bytes a token, `);
  assertStringIncludes(written.stdout, `; the passes took ${flops.toExponential(3)} FLOPs\n`);
  const command = `deno task pretrain --teacher ${shared}/store --sequence 32`;
  assertStringIncludes(written.stdout, `done: the store is in '${shared}/store'; learn from it: ${command}\n`);

  const before = await hashesOf(`${shared}/store`);
  const { code, stdout, stderr } = await student("student", "store", ...LONGER);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(
    stdout,
    `forward_kl from the teacher in '${shared}/store' at temperature 1, in the first 86 of 96`,
  );
  assertEquals(await hashesOf(`${shared}/store`), before);
  const files = await hashesOf(`${shared}/student/final`);
  assertEquals(files["tokenizer.json"], (await hashesOf(teacher))["tokenizer.json"]);
  const own = trainingFlopsPerToken((await readModelFolder(`${shared}/student/final`)).config);
  const rows = await readLog(`${shared}/student/log.jsonl`) as unknown as TrainRow[];
  for (const { step, tokens, flops, teacher_flops, store_bytes, divergence } of rows) {
    // A batch has 8 windows, and each window is paid for once.
    const used = Math.min(8 * Math.min(step, 86), windows) * SEQUENCE;
    assertEquals(teacher_flops, used * forwardFlopsPerToken(config), `step ${step}`);
    assertEquals(flops, tokens * own + teacher_flops!);
    assertEquals(store_bytes, Math.round(used * manifest.bytesPerToken));
    assertEquals(divergence !== undefined, step <= 90);
  }
  assert(8 * 86 > windows, "the run has more than an epoch");
});

Deno.test("a run from a store that is killed and resumed ends as one that was not", async () => {
  await using task = startTask("pretrain", [...tinyFlags, ...flags("cut", "store"), ...LONGER]);
  await task.printed(/^ +25 /m);
  task.kill("SIGKILL");
  await task.ended;
  const { code, stderr } = await pretrainTiny("--resume", `${shared}/cut`, ...LONGER);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await outcomeOf(`${shared}/cut`), await outcomeOf(`${shared}/student`));
});

Deno.test("teaching that Ctrl-C stops after a shard goes on with --resume to the same bytes", async () => {
  const long = `${shared}/long.jsonl`;
  await Deno.writeTextFile(long, (await Deno.readTextFile(corpus)).repeat(8));
  const flags = ["--corpus", long, "--k", "8"];
  assertEquals((await teach("long", ...flags)).code, 0);
  await using task = startTask("teach", [
    ...["--teacher", teacher, "--out", `${shared}/stopped`, "--runs", shared, ...flags],
  ]);
  await task.printed(/^512 of \d+ windows/m);
  task.kill("SIGINT");
  const { code, stdout, stderr } = await task.ended;
  assertEquals([code, stderr.trim()], [130, "finishing this shard; press Ctrl-C again to end at once"]);
  assertStringIncludes(stdout, "stopped; continue with the same command and --resume\n");
  const { stdout: resumed } = await teach("stopped", ...flags, "--resume");
  assertMatch(resumed, /^done: the store is in /m);
  assertEquals(await hashesOf(`${shared}/stopped`), await hashesOf(`${shared}/long`));
  const { stdout: finished } = await teach("stopped", ...flags, "--resume");
  assertStringIncludes(finished, "nothing to do: the store in ");
});

Deno.test("what does not fit a store is refused in one line, and leaves no run behind", async () => {
  const refused = async (code: number, reason: string, store: string, ...flags: string[]) => {
    const result = await student("refused", store, "--quiet", ...flags);
    assertEquals([result.code, result.stdout], [code, ""], result.stderr);
    assertMatch(result.stderr, /^error: [^\n]+\n$/);
    assertStringIncludes(result.stderr, reason);
    assertEquals(await exists(`${shared}/refused`), false);
  };
  const from = `Cannot learn from '${shared}/store': `;
  await refused(
    2,
    `${from}--temperature must be the store's 1, found 2; set it, or teach`,
    "store",
    "--temperature",
    "2",
  );
  await refused(2, `${from}--sequence must be the store's 32, found 16; set it`, "store", "--sequence", "16");
  await refused(2, `${from}--divergence must be forward_kl`, "store", "--divergence", "reverse_kl");
  await refused(2, `${from}--vocabulary must be the teacher's`, "store", "--vocabulary", "400");
  await refused(1, "it must hold every window that is trained on", "store", "--split-seed", "7");

  assertEquals((await teach("few", "--windows", "64", "--temperature", "2")).code, 0);
  // The first windows of the seed are enough for 8 steps, and no others.
  const few = ["--temperature", "2", "--warmup", "0"];
  assertEquals((await student("short", "few", ...few, "--steps", "8", "--quiet")).stderr, "");
  await refused(1, "all windows, or those of its --seed", "few", ...few, "--steps", "9");
  await refused(1, "it must hold every window", "few", ...few, "--steps", "8", "--seed", "2");

  const model = await readModelFolder(teacher);
  model.parameters.get("embed_out.weight")![0]! += 1;
  await writeModelFolder(`${shared}/other`, model);
  const other = await runTask("teach", [
    ...["--teacher", `${shared}/other`, "--out", `${shared}/store`, "--runs", shared, "--k", "8", "--resume"],
    ...["--corpus", corpus],
  ]);
  assertEquals(other.code, 2);
  assertStringIncludes(other.stderr, "the model in --teacher must be what the store began with, SHA-256 ");
  const again = await teach("store", "--k", "8");
  assertEquals(again.code, 2);
  assertStringIncludes(again.stderr, "choose another --out, or continue it with --resume");
});

Deno.test("a student learns from what several teachers think in the mean, which must read the same tokens", async () => {
  const younger = `${shared}/teacher/checkpoints/step-000016`;
  const both = await teach("both", "--teacher", younger, "--k", "8");
  assertEquals([both.code, both.stderr], [0, ""]);
  const [one, two] = [await readStoreManifest(`${shared}/store`), await readStoreManifest(`${shared}/both`)];
  assertEquals(two!.teacher.flopsPerToken, 2 * one!.teacher.flopsPerToken);
  assertNotEquals(two!.teacher.hash, one!.teacher.hash);
  const learnt = await student("of-both", "both", "--steps", "8", "--quiet");
  assertEquals([learnt.code, learnt.stderr], [0, ""]);

  // Of another split a tokenizer is learnt that has as many tokens, but others.
  const foreign = ["--name", "foreign", "--split-seed", "7", "--steps", "8", "--out", shared, "--quiet"];
  assertEquals((await pretrainTiny(...foreign)).code, 0);
  const { code, stderr } = await teach("neither", "--teacher", `${shared}/foreign/final`);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "the text's tokenizer must be the teacher's (SHA-256 ");
  assertEquals(await exists(`${shared}/neither`), false);
});

Deno.test("another store than that with which a run began is refused when it is resumed", async () => {
  assertEquals((await teach("sampled", "--kind", "sampled", "--k", "20")).code, 0);
  const store = `${shared}/moving`;
  await Deno.symlink(`${shared}/sampled`, store);
  const { code, stderr } = await student("moved", "moving", "--steps", "8", "--quiet");
  assertEquals([code, stderr], [0, ""]);
  await Deno.remove(store);
  await Deno.symlink(`${shared}/store`, store);
  const resumed = await pretrainTiny("--resume", `${shared}/moved`);
  assertEquals(resumed.code, 2);
  assertStringIncludes(resumed.stderr, `the store in --teacher ${store} must be what the run began with (SHA-256 `);
});
