import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder, writeModelFolder } from "../../lib/io/huggingface.ts";
import { readLog } from "../../lib/io/run_log.ts";
import { forwardFlopsPerToken, trainingFlopsPerToken } from "../../lib/model/flops.ts";
import type { TrainRow } from "../../lib/train/records.ts";
import { hashesOf, outcomeOf, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
assertEquals((await pretrainTiny("--out", shared, "--name", "teacher")).code, 0);

/** Flags of a narrower student of that teacher. */
const flags = (name: string) => [
  ...["--out", shared, "--name", name, "--teacher", teacher],
  ...["--width", "8", "--heads", "1"],
];

/** Runs the task and checks that it fails with one line and leaves no run behind. */
async function assertRefused(given: string[], code: 1 | 2, reason: string | RegExp): Promise<void> {
  const result = await pretrainTiny(...flags("refused"), "--quiet", ...given);
  assertEquals([result.code, result.stdout], [code, ""], result.stderr);
  assertMatch(result.stderr, /^error: [^\n]+\n$/);
  if (typeof reason === "string") assertStringIncludes(result.stderr, reason);
  else assertMatch(result.stderr, reason);
  assertEquals(await exists(`${shared}/refused`), false, "a run that cannot start must leave nothing");
}

Deno.test("a student takes its teacher's vocabulary and tokenizer, and rows say what its loss is made of", async () => {
  const before = await hashesOf(teacher);
  const weights = ["--alpha", "0.25", "--beta", "0.5", "--temperature", "2", "--distil-until", "0.46"];
  const TAUGHT = 22;
  const { code, stdout, stderr } = await pretrainTiny(...flags("student"), ...weights);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await hashesOf(teacher), before);
  assertEquals((await hashesOf(`${shared}/student/final`))["tokenizer.json"], before["tokenizer.json"]);
  assertStringIncludes(
    stdout,
    `loss: 0.25 x cross-entropy + 0.5 x 2^2 x forward_kl from the teacher in '${teacher}' at temperature 2, in the ` +
      "first 22 of 48 steps, then cross-entropy alone",
  );
  assertMatch(stdout, /^ +step +tokens +loss +cross-ent +lr /m);

  const [student, whole] = [await readModelFolder(`${shared}/student/final`), await readModelFolder(teacher)];
  const rows = await readLog(`${shared}/student/log.jsonl`) as unknown as TrainRow[];
  const first = await readLog(`${shared}/teacher/log.jsonl`) as unknown as TrainRow[];
  assertEquals(rows.map(({ step }) => step), first.map(({ step }) => step));
  for (const { step, tokens, loss, cross_entropy, divergence, flops } of rows) {
    const taught = Math.min(step, TAUGHT) * tokens / step;
    assertEquals(
      flops,
      tokens * trainingFlopsPerToken(student.config) + taught * forwardFlopsPerToken(whole.config),
      `FLOPs of step ${step}`,
    );
    if (step <= TAUGHT) assertAlmostEquals(loss, 0.25 * cross_entropy! + 0.5 * 2 ** 2 * divergence!, 1e-5);
    // The row of step 24 is of steps with the teacher and without.
    assertEquals(divergence !== undefined, step <= 24, `divergence of step ${step}`);
    if (step > 24) assertEquals(loss, cross_entropy);
  }
  assertEquals(first.map(({ cross_entropy, divergence }) => [cross_entropy, divergence])[0], [undefined, undefined]);
});

Deno.test("weights and temperature may move over the steps with the teacher, and a resumed run moves them alike", async () => {
  const moving = ["--alpha", "0.2:0.8", "--temperature", "3:1", "--distil-until", "0.5", "--log-every", "1"];
  const { code, stderr } = await pretrainTiny(...flags("whole"), ...moving);
  assertEquals([code, stderr], [0, ""]);
  const rows = await readLog(`${shared}/whole/log.jsonl`) as unknown as TrainRow[];
  for (const { step, loss, cross_entropy, divergence, ...row } of rows) {
    const progress = (step - 1) / 23;
    assertEquals([row.alpha !== undefined, row.temperature !== undefined, row.beta], [
      step <= 24,
      step <= 24,
      undefined,
    ]);
    if (step > 24) continue;
    assertAlmostEquals(row.alpha!, 0.2 + 0.6 * progress, 1e-12);
    assertAlmostEquals(row.temperature!, 3 - 2 * progress, 1e-12);
    assertAlmostEquals(loss, row.alpha! * cross_entropy! + 0.5 * row.temperature! ** 2 * divergence!, 2e-5);
  }
  assertEquals([rows[0]!.alpha, rows[23]!.alpha, rows[23]!.temperature], [0.2, 0.8, 1]);

  const config = JSON.parse(await Deno.readTextFile(`${shared}/whole/config.json`));
  assertEquals([config.alpha, config.temperature], ["0.2:0.8", "3:1"]);
  const before = await outcomeOf(`${shared}/whole`);
  const again = await pretrainTiny(...flags("whole"), ...moving, "--resume", `${shared}/whole/checkpoints/step-000016`);
  assertEquals(
    [again.code, again.stderr.split("\n").filter((line) => line.startsWith("error"))],
    [0, []],
    again.stderr,
  );
  assertEquals((await outcomeOf(`${shared}/whole`)).log, before.log);
  assertEquals(await hashesOf(`${shared}/whole/final`), before.checkpoints["step-000048"]);
});

Deno.test("a student that starts as a copy of its teacher does not diverge from it", async () => {
  const given = ["--init", teacher, "--teacher", teacher, "--steps", "1", "--warmup", "0", "--beta", "3"];
  const { code, stderr } = await pretrainTiny("--out", shared, "--name", "copy", ...given);
  assertEquals([code, stderr], [0, ""]);
  const [{ loss, cross_entropy, divergence }] = await readLog(`${shared}/copy/log.jsonl`) as unknown as [TrainRow];
  assertAlmostEquals(divergence!, 0, 1e-5);
  assertAlmostEquals(loss, 0.5 * cross_entropy!, 1e-4);
});

Deno.test("a teacher of another vocabulary, tokenizer or length is refused in one line", async () => {
  await assertRefused(
    ["--vocabulary", "300"],
    2,
    `Cannot learn from '${teacher}': --vocabulary must be the teacher's 320, found 300; leave it out`,
  );
  await assertRefused(["--sequence", "64"], 2, "--sequence must be at most the teacher's 32, found 64; lower it");
  const stranger = await readModelFolder(teacher);
  const json = JSON.stringify(stranger.tokenizerJson).replaceAll("<|endoftext|>", "<|end_of_text|>");
  await Deno.writeTextFile(`${shared}/tokenizer.json`, json);
  await assertRefused(
    ["--tokenizer", `${shared}/tokenizer.json`],
    2,
    /the student's tokenizer must be the teacher's \(SHA-256 \w{12}\), found \w{12}; leave --tokenizer out, or/,
  );
  const { config, parameters } = stranger;
  await writeModelFolder(`${shared}/silent`, { config, parameters });
  await assertRefused(["--teacher", `${shared}/silent`], 2, "found no tokenizer.json in the folder; name one with");
  await assertRefused(["--teacher", `${shared}/none`], 1, "none/config.json': it does not exist");
  parameters.get("embed_out.weight")!.fill(NaN);
  await writeModelFolder(`${shared}/broken`, stranger);
  await assertRefused(["--teacher", `${shared}/broken`], 1, "weights must be finite, found NaN in 'embed_out.weight'");
});

Deno.test("a run is not resumed with a teacher whose weights have changed, nor with another or other weights of its loss", async () => {
  const own = `${shared}/own-teacher`;
  const model = await readModelFolder(teacher);
  await writeModelFolder(own, model);
  const begun = [...flags("changed"), "--teacher", own];
  assertEquals((await pretrainTiny(...begun, "--steps", "4")).code, 0);
  const resume = async (...more: string[]) => {
    const { code, stderr } = await pretrainTiny(...begun, "--steps", "8", "--resume", "auto", ...more);
    assertMatch(stderr, /^error: [^\n]+\n$/);
    return [code, stderr] as const;
  };
  for (const [flag, value] of [["--teacher", teacher], ["--beta", "0.4"], ["--distil-until", "0.5"]] as const) {
    const [code, stderr] = await resume(flag, value);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot resume '${shared}/changed' with another ${flag}: it must stay`);
  }
  model.parameters.get("embed_out.weight")![0]! += 1;
  await writeModelFolder(own, model);
  const [code, stderr] = await resume();
  assertEquals(code, 2);
  assertStringIncludes(stderr, `the model in --teacher ${own} must be what the run began with (SHA-256 `);
});

Deno.test("a dry run counts the teacher's memory and FLOPs", async () => {
  const memory = (stdout: string) =>
    Number(/memory on the device: .*\(([\d,]+) bytes\)/.exec(stdout)![1]!.replaceAll(",", ""));
  const taught = await pretrainTiny(...flags("dry"), "--dry-run");
  const alone = await pretrainTiny(...flags("dry"), "--teacher", "none", "--dry-run");
  const { config } = await readModelFolder(teacher);
  const flops = forwardFlopsPerToken(config).toExponential(3);
  assertStringIncludes(taught.stdout, `the teacher's FLOPs per token: ${flops}; for 12,288 tokens: `);
  assert(memory(taught.stdout) > memory(alone.stdout));
  assertEquals(alone.stdout.includes("teacher's"), false);
  assertEquals(await exists(`${shared}/dry`), false);
});
