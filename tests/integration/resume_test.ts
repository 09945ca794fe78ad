import { assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../io/temporary_folder.ts";
import { runTask } from "../tasks/run_task.ts";
import { hashesOf, outcomeOf, pretrainTiny, STEPS } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
const place = (name: string) => ["--out", shared, "--name", name];
const constant = ["--schedule", "constant", "--warmup", "0"];
const whole = pretrainTiny(...place("whole"), ...constant).then(() => outcomeOf(`${shared}/whole`));
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

/** Copies the finished run, to do something to it. */
async function copyOfWhole(name: string): Promise<string> {
  await whole;
  const { success } = await new Deno.Command("cp", { args: ["-a", `${shared}/whole`, `${shared}/${name}`] }).output();
  assertEquals(success, true);
  return `${shared}/${name}`;
}

Deno.test("a finished run has nothing to do, and says so in one line", async () => {
  const run = await copyOfWhole("finished");
  for (const resume of [run, `${run}/final`, "auto"]) {
    const { code, stdout, stderr } = await pretrainTiny(...place("finished"), ...constant, "--resume", resume);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `has taken ${STEPS} of ${STEPS} steps`);
    assertEquals(stdout.trimEnd().split("\n").length, 1);
  }
  assertEquals(await outcomeOf(run), await whole);
});

Deno.test("a run that is prolonged ends as one that was as long from the beginning", async () => {
  const short = await pretrainTiny(...place("short"), ...constant, "--steps", `${STEPS / 2}`);
  assertEquals([short.code, short.stderr], [0, ""]);
  const { code, stderr } = await pretrainTiny("--resume", `${shared}/short`, "--steps", `${STEPS}`);
  assertEquals([code, stderr], [0, ""]);
  const final = `step-0000${STEPS}`;
  assertEquals((await outcomeOf(`${shared}/short`)).checkpoints[final], (await whole).checkpoints[final]);

  const again = await runTask("pretrain", ["--resume", `${shared}/short`]);
  assertStringIncludes(again.stdout, `has taken ${STEPS} of ${STEPS} steps`, "the longer budget is remembered");
});

Deno.test("a run goes back to an earlier checkpoint, and keeps the later ones beside those that replace them", async () => {
  const run = await copyOfWhole("back");
  const before = await hashesOf(`${run}/checkpoints/step-000024`);
  const { code, stderr } = await pretrainTiny("--resume", `${run}/checkpoints/step-000016/`, ...constant);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, `a checkpoint after step 16 is kept as '${run}/checkpoints/step-000024.aside'`);
  assertEquals(await outcomeOf(run), await whole);
  assertEquals(await hashesOf(`${run}/checkpoints/step-000024.aside`), before);
});

Deno.test("a damaged newest checkpoint is refused by name, and the run goes on from the one before", async () => {
  const run = await copyOfWhole("damaged");
  const path = `${run}/checkpoints/step-0000${STEPS}/optimizer.safetensors`;
  await Deno.truncate(path, 1000);
  const { code, stderr } = await pretrainTiny(...place("damaged"), ...constant, "--resume", "auto", "--quiet");
  assertEquals(code, 0);
  assertStringIncludes(stderr, `Cannot read '${run}/checkpoints/step-0000${STEPS}': optimizer.safetensors must have`);
  assertEquals(await outcomeOf(run), await whole);
});

Deno.test("a run is not resumed with another model, corpus or seed, nor with a text that has changed", async () => {
  const run = await copyOfWhole("other");
  const refusals: [string, string, string][] = [
    ["--layers", "3", "with another --layers: it must stay 2, found 3"],
    ["--seed", "2", "with another --seed: it must stay 1, found 2"],
    ["--corpus", "sotu", "with another --corpus: it must stay"],
  ];
  for (const [flag, value, reason] of refusals) {
    const { code, stderr } = await pretrainTiny("--resume", run, ...constant, "--steps", "40", flag, value);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `error: Cannot resume '${run}' ${reason}`);
  }
  assertEquals(await outcomeOf(run), await whole);
});

Deno.test("a run is not resumed once the text of its corpus has changed", () =>
  inFolder(async (folder) => {
    const corpus = `${folder}/a text.md`;
    await Deno.writeTextFile(corpus, "The first line of a text.\nAnd then another line.\n".repeat(300));
    const flags = ["--corpus", corpus, "--out", folder, "--vocabulary", "260", "--steps", "4"];
    assertEquals((await pretrainTiny(...flags)).code, 0);
    await Deno.writeTextFile(corpus, "One line more.\n", { append: true });
    const { code, stderr } = await pretrainTiny(...flags, "--resume", "auto", "--steps", "8");
    assertEquals(code, 2);
    assertStringIncludes(stderr, `the text of --corpus ${corpus} must be what the run began with`);
  }));
