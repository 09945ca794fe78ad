import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { readLog } from "../../lib/io/run_log.ts";
import { hashParameters } from "../../lib/model/parameter_hash.ts";
import type { StudySummary } from "../../lib/study/summary.ts";
import { runTask } from "../tasks/run_task.ts";

const out = `${await Deno.makeTempDir()}/study`;
Deno.test.afterAll(() => Deno.remove(out.replace(/\/study$/, ""), { recursive: true }));
const quick = ["--quick", "--device", "cpu", "--out", out];
const first = runTask("reproduce", quick);
const readSummary = async (): Promise<StudySummary> => JSON.parse(await Deno.readTextFile(`${out}/summary.json`));

Deno.test("a quick study runs every start with every lesson and budget, and says what each needs", async () => {
  const { code, stdout, stderr } = await first;
  assertEquals([code, stderr], [0, ""]);
  const summary = await readSummary();
  const lessons = ["", "+online", "+store"];
  const names = ["random", "principal", "evolved-coarse-layerwise"].flatMap((start) =>
    lessons.map((lesson) => start + lesson)
  );
  assertEquals(Object.keys(summary.arms).sort(), names.sort());
  assertEquals([summary.reference, summary.corpus, summary.teacher_parameters], ["random", "sotu", 5_787_648]);
  assert(Math.abs(summary.student_parameters / summary.teacher_parameters - 0.25) < 0.01);
  for (const [name, { seeds, budgets }] of Object.entries(summary.arms)) {
    assertEquals(seeds, [1]);
    const steps = name === "random" ? [2, 4, 8] : [2, 4];
    assertEquals(budgets.map(({ tokens }) => tokens), steps.map((each) => each * 8 * 256));
    for (const { loss_mean, loss_std, tokens_to_match, flops_to_match } of budgets) {
      assert(loss_mean > summary.teacher_loss && loss_mean < 8 && loss_std === 0, `${name}: ${loss_mean}`);
      assert(tokens_to_match > 0 && flops_to_match > 0);
      assertStringIncludes(stdout, loss_mean.toFixed(3));
    }
  }
  for (const { tokens_to_match, flops_to_match } of summary.arms["random"]!.budgets) {
    assertEquals([tokens_to_match.toFixed(9), flops_to_match.toFixed(9)], ["1.000000000", "1.000000000"]);
  }
});

Deno.test("teacher, search and repair are counted in what an arm spends", async () => {
  await first;
  const rows = (await Deno.readTextFile(`${out}/results.jsonl`)).trim().split("\n").map((line) => JSON.parse(line));
  for (const { arm, lesson, start, teacher_flops, start_flops, training_flops } of rows) {
    assertEquals(teacher_flops > 0, lesson !== "plain", arm);
    assertEquals(start_flops > 0, start !== "random", arm);
    assert(training_flops > 0);
  }
  const of = (arm: string) => rows.find((row) => row.arm === arm && row.steps === 4);
  assertEquals(
    of("principal+online").teacher_flops,
    of("principal+store").teacher_flops,
    "one epoch reads each window once",
  );
});

Deno.test("charts are drawn, and name every arm", async () => {
  await first;
  assertMatch(await Deno.readTextFile(`${out}/overview.svg`), /^<svg [^]*>random</);
  for (const name of ["loss", "tokens-to-match", "flops-to-match"]) {
    const svg = await Deno.readTextFile(`${out}/${name}.svg`);
    assertMatch(svg, /^<svg /);
    assertStringIncludes(svg, "principal+store");
  }
});

Deno.test("the same call finds nothing to do, and ends with the same summary", async () => {
  await first;
  const before = await readSummary();
  const { code, stdout } = await runTask("reproduce", quick);
  assertEquals([code, await readSummary()], [0, before]);
  assert(!stdout.includes("run random"));
});

Deno.test("hidden states are compared in the coordinates that a student kept, on the axes it was cut out on", async () => {
  await first;
  const more = ["--starts", "principal,evolved-coarse-layerwise", "--lessons", "hidden", "--steps", "4"];
  const reference = ["--reference-steps", "4", "--reference-rates", "2e-3,4e-3"];
  const { code, stderr } = await runTask("reproduce", [...quick, ...more, ...reference, "--quiet"]);
  assertEquals([code, stderr], [0, ""]);
  const rows = (await Deno.readTextFile(`${out}/results.jsonl`)).trim().split("\n").map((line) => JSON.parse(line));
  for (const [start, axes] of [["principal", "turned"], ["evolved-coarse-layerwise-seed1", "sorted"]] as const) {
    const { teacher, width } = JSON.parse(await Deno.readTextFile(`${out}/students/${start}/subnet.json`));
    const { parameters } = await readModelFolder(`${out}/teachers/${axes}`);
    assertEquals([teacher, width[0]], [await hashParameters(parameters), 0]);
    const [log] = (await readLog(`${out}/runs/${start.replace("-seed1", "")}-hidden-seed1-4-lr0.004/log.jsonl`)).slice(
      -1,
    );
    assert(Number(log!.hidden_loss) > 0);
    const of = (lesson: string) =>
      rows.find((row) => row.lesson === lesson && row.steps === 4 && start.startsWith(row.start));
    assertEquals(of("hidden").teacher_flops, of("online").teacher_flops, "a projection would cost more");
    assertNotEquals(of("hidden").loss, of("online").loss);
  }
  assertStringIncludes(await Deno.readTextFile(`${out}/tables.md`), "| hidden states");
  const tried = rows.filter(({ arm, steps }) => arm === "random" && steps === 4).toSorted((a, b) => a.loss - b.loss);
  assertEquals(tried.map(({ lr }) => lr).sort(), [0.002, 0.004]);
  assertEquals((await readSummary()).arms["random"]!.budgets[0]!.lr, tried[0].lr);
});

Deno.test("a study that goes on with another setting is refused in one line", async () => {
  await first;
  const { code, stderr } = await runTask("reproduce", [...quick, "--beta", "0.1"]);
  assertEquals(code, 2);
  assertEquals(
    stderr.trim(),
    `error: Cannot go on with the study in '${out}': its beta must stay 0.7, found 0.1; leave it out, or begin another ` +
      "study with --out",
  );
});

Deno.test("a study goes on with its settings where a call names none, and with defaults where it is older than they", async () => {
  await first;
  const study = JSON.parse(await Deno.readTextFile(`${out}/study.json`));
  const { gamma, ...older } = study.settings;
  assertEquals(gamma, 1);
  await Deno.writeTextFile(`${out}/study.json`, JSON.stringify({ ...study, settings: older }));
  const grid = [
    "--starts",
    "random",
    "--lessons",
    "plain",
    "--seeds",
    "1",
    "--steps",
    "4",
    "--reference-steps",
    "none",
  ];
  const { code, stdout, stderr } = await runTask("reproduce", [...grid, "--device", "cpu", "--out", out]);
  assertEquals([code, stderr], [0, ""]);
  assert(!stdout.includes("run random"), "its result is known, as the learning rate is the study's");
});

Deno.test("hidden states on other axes than a student's are refused in one line", async () => {
  await first;
  const path = `${out}/students/principal/subnet.json`;
  const before = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(before), teacher: "0".repeat(64) }));
  const grid = ["--starts", "principal", "--lessons", "hidden", "--steps", "5", "--reference-steps", "none", "--quiet"];
  const { code, stderr } = await runTask("reproduce", [...quick, ...grid]);
  await Deno.writeTextFile(path, before);
  assertEquals(code, 2);
  assertMatch(stderr.trim().split("\n").at(-1)!, /^error: Cannot compare hidden states of .*principal' with .*turned'/);
});

Deno.test("a learning rate at which training diverges is the worst one, and the study goes on", async () => {
  const folder = `${out}-diverged`;
  const grid = ["--starts", "random", "--lessons", "plain", "--reference-steps", "none", "--rates", "4e-3,1e30"];
  const { code, stdout, stderr } = await runTask("reproduce", [
    ...["--quick", "--device", "cpu", "--out", folder, "--steps", "4"],
    ...grid,
  ]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^run random-plain-seed1-4-lr1e30 diverged: [^\n]+\n$/);
  assertStringIncludes(stdout, "done: the results");
  const { arms } = JSON.parse(await Deno.readTextFile(`${folder}/summary.json`));
  assertEquals(arms.random.budgets.map(({ lr }: { lr: number }) => lr), [4e-3]);
});

Deno.test("settings that do not fit the teacher are refused in one line, and no study is begun", async () => {
  const folder = `${out}-refused`;
  for (
    const [flags, said] of [
      ["--params=abc", "Cannot use the budget: it must be a whole number"],
      ["--params=10", "Cannot choose sizes: the bin from 10 to 10 parameters must hold"],
      ["--calibration-tokens=100", "Cannot use --calibration-tokens: it must be at least a window of the teacher, 256"],
      ["--store-entries=3000", "Cannot use --store-entries: it must be at most the vocabulary's 2048, found 3000"],
      ["--store-windows=10", "Cannot use --store-windows: it must be at least the longest run's 32, found 10"],
      ["--seeds=1,2", "Cannot use --store-windows: it must be 0 for seeds besides 1, found 64 and seed 2"],
      ["--teacher=none", 'Cannot use --teacher: it must be a Hugging Face folder of a model, found "none"'],
    ] as const
  ) {
    const { code, stderr } = await runTask("reproduce", ["--quick", "--device", "cpu", "--out", folder, flags]);
    assert(code === 2 || code === 1, stderr);
    assertStringIncludes(stderr, `error: ${said}`);
    assertEquals(stderr.trim().split("\n").length, 1);
    assertEquals(await exists(`${folder}/study.json`), false);
  }
});

Deno.test("names and numbers that a grid does not have are refused in one line", async () => {
  for (
    const [flag, value, rule] of [
      ["--starts", "random,best", /each must be one of random, prefix, .*, found "best"$/],
      ["--lessons", "none", /each must be one of plain, online, hidden, store, found "none"$/],
      ["--seeds", "1,x", /each must be a whole number from 0 to 4294967295, found "x"; join them by commas$/],
      ["--steps", "0", /each must be a whole number above 0, found "0"; join them by commas$/],
      ["--reference-rates", "0", /each must be a number above 0, found "0"; join them by commas$/],
      ["--rates", "-1", /each must be a number above 0, found "-1"; join them by commas$/],
    ] as const
  ) {
    const { code, stderr } = await runTask("reproduce", [...quick, `${flag}=${value}`]);
    assertEquals(code, 2, stderr);
    assertMatch(stderr.trim(), new RegExp(`^error: Cannot use ${flag}: ${rule.source}`));
  }
});
