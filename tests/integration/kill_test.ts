import { assert, assertEquals } from "@std/assert";
import { readLog } from "../../lib/io/run_log.ts";
import { startTask } from "./started_task.ts";
import { BETWEEN, outcomeOf, pretrainTiny, STEPS, tinyFlags } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
const place = (name: string) => ["--out", shared, "--name", name];
const whole = pretrainTiny(...place("whole")).then(() => outcomeOf(`${shared}/whole`));
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

/** Starts a run and kills it as soon as `when` holds; returns its directory. */
async function killedRun(
  name: string,
  when: (run: string, task: { printed(row: RegExp): Promise<void> }) => Promise<void>,
  flags: readonly string[] = [],
) {
  await whole;
  const run = `${shared}/${name}`;
  await using task = startTask("pretrain", [...tinyFlags, ...flags, ...place(name)]);
  await when(run, task);
  task.kill("SIGKILL");
  assertEquals((await task.ended).signal, "SIGKILL", "the run must be killed before it ends");
  return run;
}

async function resumeAndCompare(name: string, flags: readonly string[] = [], expected = whole): Promise<void> {
  const { code, stderr } = await pretrainTiny(...flags, ...place(name), "--resume", "auto");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await outcomeOf(`${shared}/${name}`), await expected);
}

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

/** Waits until there is something at a path, without giving the writer time to go on. */
async function appearance(path: string, name: RegExp): Promise<void> {
  for (;;) {
    try {
      if (names(path).some((each) => name.test(each))) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("a run that is killed between two checkpoints and resumed ends with the bytes of one that never stopped", async () => {
  const run = await killedRun("killed", (_, task) => task.printed(/^ +15 /m));
  assert((await readLog(`${run}/log.jsonl`)).some(({ step }) => step > BETWEEN), "rows after the checkpoint are cut");
  await resumeAndCompare("killed");
});

Deno.test("so does a run that is killed while it writes a checkpoint, and whatever else was half written", async () => {
  const run = await killedRun("writing", (run) => appearance(`${run}/checkpoints`, /^step-000016/));
  const checkpoints = `${run}/checkpoints`;
  await Deno.mkdir(`${checkpoints}/step-000024.partial`);
  await Deno.writeTextFile(`${checkpoints}/step-000024.partial/model.safetensors`, "cut");
  await Deno.symlink("checkpoints/step-000024", `${run}/final.partial`);
  await Deno.writeTextFile(`${run}/config.json.partial`, "{");
  await Deno.writeTextFile(`${run}/log.jsonl.partial`, "{");
  await Deno.writeTextFile(`${run}/log.jsonl`, '{"step":17,"lo', { append: true });
  await resumeAndCompare("writing");
  assertEquals(names(checkpoints).filter((name) => name.endsWith(".partial")), []);
});

Deno.test("a run that is killed before its first checkpoint begins again in its place", async () => {
  const run = await killedRun("early", (_, task) => task.printed(/^ +1 /m));
  // The machine may be too busy to be that fast; the first checkpoint has then been written and is taken away.
  for (const name of names(`${run}/checkpoints`)) await Deno.remove(`${run}/checkpoints/${name}`, { recursive: true });
  await resumeAndCompare("early");
});

Deno.test("so does a student that is killed while it has its teacher, and one that is killed after that", async () => {
  await whole;
  const flags = ["--teacher", `${shared}/whole/final`, "--distil-until", "0.5", "--width", "8", "--heads", "1"];
  const taught = pretrainTiny(...place("taught"), ...flags).then(() => outcomeOf(`${shared}/taught`));
  for (const [name, row] of [["learning", /^ +15 /m], ["weaned", /^ +35 /m]] as const) {
    await killedRun(name, (_, task) => task.printed(row), flags);
    await resumeAndCompare(name, flags, taught);
  }
  assertEquals((await taught).log.length, (await whole).log.length);
});

Deno.test("Ctrl-C finishes the step, saves and says how to resume; the resumed run ends with the same bytes", async () => {
  const { log, checkpoints } = await whole;
  await using task = startTask("pretrain", [...tinyFlags, ...place("stopped")]);
  await task.printed(/^ +10 /m);
  task.kill("SIGINT");
  const { code, stdout, stderr } = await task.ended;
  assertEquals([code, stderr], [130, "\nfinishing this step; press Ctrl-C again to end at once\n"]);
  const command = stdout.trimEnd().split("\n").at(-1)!;
  assertEquals(command, `stopped; continue with: deno task pretrain --resume ${shared}/stopped`);
  const saved = names(`${shared}/stopped/checkpoints`).at(-1)!;
  assert(saved >= "step-000010" && saved < `step-0000${STEPS}`, `the step under way must be saved, found ${saved}`);

  const resumed = await pretrainTiny("--resume", `${shared}/stopped`);
  assertEquals([resumed.code, resumed.stderr], [0, ""]);
  const outcome = await outcomeOf(`${shared}/stopped`);
  if (!(saved in checkpoints)) delete outcome.checkpoints[saved];
  assertEquals(outcome, { log, checkpoints });
});

Deno.test("a request to terminate does the same under its own exit code", async () => {
  await using task = startTask("pretrain", [...tinyFlags, "--out", shared, "--name", "terminated"]);
  await task.printed(/^ +5 /m);
  task.kill("SIGTERM");
  const { code, stdout } = await task.ended;
  assertEquals([code, stdout.includes("stopped; continue with")], [143, true]);
});

Deno.test("Ctrl-C while a run is prepared ends it at once, since there is nothing to save", async () => {
  await using task = startTask("pretrain", [...tinyFlags, "--out", shared, "--name", "prepared"]);
  await task.printed(/^device: /m);
  task.kill("SIGINT");
  assertEquals((await task.ended).signal, "SIGINT");
});
