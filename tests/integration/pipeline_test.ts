import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseHTML } from "linkedom";
import { exists } from "../../lib/io/files.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { find } from "../../lib/pipeline/find.ts";
import { pipeline, type PipelineRecord, runPipeline } from "../../lib/pipeline/pipeline.ts";
import type { Result } from "../../lib/pipeline/result.ts";
import type { TrainRow } from "../../lib/train/records.ts";
import { runTask } from "../tasks/run_task.ts";
import { startTask } from "./started_task.ts";
import { corpus, hashesOf, outcomeOf, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
assertEquals((await pretrainTiny("--out", shared, "--name", "teacher", "--quiet")).code, 0);

const EVALUATIONS = 40, STEPS = 24;
const out = `${shared}/runs`;
const settings: PipelineOptions = {
  ...{ teacher, corpus, out, params: "0.7x", space: "fine-layerwise", evaluations: EVALUATIONS },
  ...{ samplePrompt: "We <must> & shall" },
  ...{ batch: 4, microBatch: 4, steps: STEPS, logEvery: 5, evalEvery: 12, evalTokens: 256, checkpointEvery: 8 },
  ...{ sampleTokens: 4, keep: 0, device: "cpu", threads: 1 },
};
const flags = Object.entries(settings).flatMap(([name, value]) => [
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  `${value}`,
]);

const read = async (path: string) => JSON.parse(await Deno.readTextFile(path));

/** All that a pipeline leaves, without times. */
async function leftBy(run: string) {
  const { [".lock"]: _, ...search } = await hashesOf(`${run}/search`);
  const result: Result = await read(`${run}/result.json`);
  return {
    search,
    inherited: await hashesOf(`${run}/inherited`),
    trained: await outcomeOf(run),
    result: { ...result, costs: result.costs.map(({ name, flops }) => ({ name, flops })) },
    settings: await Deno.readTextFile(`${run}/pipeline.json`),
  };
}

/** Runs the pipeline, then moves what it left aside. */
const whole = (async () => {
  const task = await runTask("pretrain", flags);
  assertEquals([task.code, task.stderr], [0, ""]);
  await Deno.rename(`${out}/student`, `${shared}/whole`);
  return { ...task, left: await leftBy(`${shared}/whole`) };
})();

Deno.test("a pipeline prints its stages, what the student reached, what it is beside that, and what it cost", async () => {
  const { stdout } = await whole;
  const lines = [
    /^init search: the student is cut out of its teacher$/m,
    /^device: CPU, .*, because it was asked for$/m,
    /^method evolution, 16 a generation, at most 40 evaluations, seed 1;/m,
    /^ +16 +0 +0 +[\d.]+ /m,
    /^student: layers [01, ]+, width \d+, heads \d of 8 dimensions, MLP [\d/]+; [\d,]+ parameters, held-out loss before/m,
    /^loss: 0.3 x cross-entropy \+ 0.7 x 1\^2 x forward_kl \+ 1 x relative_mse of hidden states from the teacher in/m,
    /^training: 24 steps of 4 x 32 tokens, learning rate /m,
    /^ +24 +3072 +/m,
    /^sample of the student: "We <must> & shall.*"\nsample of the teacher: "We <must> & shall.*"$/m,
    /^student: [\d.]+ nats a token, perplexity [\d.]+, [\d.]+ bits per byte on 1,280 held-out tokens, [\d,]+ parameters$/m,
    /^on the same text: before training [\d.]+ \([\d.]+\), a bigram model .*, the teacher [\d.]+ \(.*16,832 parameters\)$/m,
    /^cost: [\d.e+]+ FLOPs \([\d.]+% axes: the teacher turned and sorted, [\d.]+% search: 40 students judged, .* the teacher's passes\), 0:\d\d minutes, for 3,072 /m,
  ];
  for (const line of lines) assertMatch(stdout, line);
  assertMatch(
    stdout.trimEnd().split("\n").at(-1)!,
    /^done: the model is in '.*student\/final', the report in '.*html';/,
  );
  assert(!stdout.includes("in the shipped study"), "a study of another corpus says nothing of this one");
});

Deno.test("the student has the size that was asked for, and its FLOPs are those of all stages", async () => {
  const { left: { result } } = await whole;
  const { config } = await readModelFolder(`${shared}/whole/final`);
  const parameters = countParameters(config);
  assert(Math.abs(parameters / (0.7 * 16_832) - 1) < 0.021, `${parameters}`);
  assertEquals([result.tokens, result.student.parameters], [STEPS * 4 * 32, parameters]);
  const rows = (await Deno.readTextFile(`${shared}/whole/search/search.jsonl`)).trimEnd().split("\n");
  const last = JSON.parse(rows.at(-1)!);
  const trained = (await Deno.readTextFile(`${shared}/whole/log.jsonl`)).trimEnd().split("\n");
  const { flops } = JSON.parse(trained.at(-1)!) as TrainRow;
  const [turned, judged, scored, repaired, own, taught] = result.costs.map((cost) => cost.flops);
  assertEquals([judged, own! + taught!, rows.length], [last.flops, flops, EVALUATIONS]);
  assert(turned! > 0 && scored! > 0 && repaired! > 0 && taught! > 0);
});

Deno.test("training starts from the inherited folder, which a plain run starts from too", async () => {
  const { left } = await whole;
  assertEquals(Object.keys(left.inherited), ["config.json", "model.safetensors", "subnet.json", "tokenizer.json"]);
  const best = await read(`${shared}/whole/search/best.json`);
  const { layers, width, blocks } = await read(`${shared}/whole/inherited/subnet.json`);
  assertEquals({ layers, width, blocks }, { layers: best.layers, width: best.width, blocks: best.blocks });
  const plain = ["--init", `${shared}/whole/inherited`, "--out", shared, "--name", "plain", "--steps", "2"];
  const { code, stderr } = await runTask("pretrain", [...plain, "--corpus", corpus, "--sample-tokens", "0"]);
  assertEquals([code, stderr, await exists(`${shared}/plain/pipeline.json`)], [0, "", false]);
});

/** Where a pipeline is left, as if it were killed there. */
const kills: Record<string, (record: PipelineRecord) => boolean> = {
  "before its first evaluation": ({ stage }) => stage === "prepare",
  "in its search": ({ stage }) => stage === "search",
  "after its search": (record) => record.stage === "search" && record.generation.last.evaluation === EVALUATIONS,
  "when it has inherited": ({ stage }) => stage === "inherit",
  "when training begins": ({ stage }) => stage === "begin",
  "in its training": (record) => record.stage === "train" && record.row.step === 10,
  "after its training": (record) => record.stage === "train" && record.row.step === STEPS,
  "when it is evaluated": ({ stage }) => stage === "evaluate",
};

/** Takes the pipeline up and leaves it where `stops` says, by a signal or at once. */
async function takeUntil(stops: (record: PipelineRecord) => boolean, signal?: AbortController, resume = "") {
  const found = await find({ ...settings, resume }, {});
  assert(found.kind === "pipeline");
  for await (const record of runPipeline(found.place, { signal: signal?.signal })) {
    if (!stops(record)) continue;
    if (!signal) break;
    signal.abort();
  }
}

for (const [where, stops] of Object.entries(kills)) {
  Deno.test(`a pipeline that is killed ${where} and resumed ends with the bytes of one that never stopped`, async () => {
    const { left } = await whole;
    await takeUntil(stops);
    assertEquals(await exists(`${out}/student/report.html`), false);
    await takeUntil(() => false, undefined, `${out}/student`);
    assertEquals(await leftBy(`${out}/student`), left);
    await Deno.remove(`${out}/student`, { recursive: true });
  });
}

for (const where of ["in its search", "when it has inherited", "in its training"]) {
  Deno.test(`so does one that is asked to stop ${where}`, async () => {
    const { left } = await whole;
    await takeUntil(kills[where]!, new AbortController());
    assertEquals(await exists(`${out}/student/result.json`), false);
    await takeUntil(() => false, undefined, "auto");
    const { trained, ...others } = await leftBy(`${out}/student`);
    const { trained: expected, ...same } = left;
    assertEquals([others, trained.log], [same, expected.log]);
    assertEquals(trained.checkpoints[`step-0000${STEPS}`], expected.checkpoints[`step-0000${STEPS}`]);
    await Deno.remove(`${out}/student`, { recursive: true });
  });
}

Deno.test("Ctrl-C in the search says how to resume, and the command does", async () => {
  const { left } = await whole;
  await using task = startTask("pretrain", flags);
  await task.printed(/^ +16 +0 /m);
  task.kill("SIGINT");
  const { code, stdout, stderr } = await task.ended;
  assertEquals([code, stderr], [130, "\nfinishing what is under way; press Ctrl-C again to end at once\n"]);
  const command = stdout.trimEnd().split("\n").at(-1)!;
  assertEquals(command, `stopped; continue with: deno task pretrain --resume ${out}/student`);
  const resumed = await runTask("pretrain", ["--resume", `${out}/student`]);
  assertEquals([resumed.code, resumed.stderr], [0, ""]);
  assertEquals(await leftBy(`${out}/student`), left);

  const again = await runTask("pretrain", ["--resume", `${out}/student`]);
  assertMatch(again.stdout, /^nothing to do: '.*student' has ended and its model is in /);
  assertEquals([again.code, again.stdout.split("\n").length], [0, 2]);
  await Deno.remove(`${out}/student`, { recursive: true });
});

Deno.test("its settings as a config file repeat it, and a sub-network's file takes the search's place", async () => {
  const { left } = await whole;
  const repeated = await runTask("pretrain", ["--config", `${shared}/whole/pipeline.json`, "--quiet"]);
  assertEquals([repeated.code, repeated.stderr], [0, ""]);
  assertEquals(repeated.stdout.split("\n").length, 2);
  assertEquals(await leftBy(`${out}/student`), left);
  await Deno.remove(`${out}/student`, { recursive: true });

  const given = await runTask("pretrain", [...flags, "--init", `${shared}/whole/search/best.json`, "--name", "given"]);
  assertEquals([given.code, given.stderr], [0, ""]);
  assertEquals(await exists(`${out}/given/search`), false);
  assertEquals(await hashesOf(`${out}/given/inherited`), left.inherited);
  assertEquals((await outcomeOf(`${out}/given`)).log, left.trained.log);
});

Deno.test("without a search the student keeps what matters most, in its teacher's proportions", async () => {
  const more = { ...{ init: "importance", params: "0.5x", name: "important", steps: 2 }, sampleTokens: 0 };
  const records = await Array.fromAsync(pipeline({ ...settings, evaluations: undefined, ...more }));
  assertEquals([...new Set(records.map(({ stage }) => stage))], ["inherit", "begin", "train", "evaluate", "report"]);
  const [inherited] = records.flatMap((record) => record.stage === "inherit" ? record.inherited : []);
  const [result] = records.flatMap((record) => record.stage === "evaluate" ? record.result : []);
  assert(Math.abs(inherited!.parameters / (0.5 * 16_832) - 1) < 0.021, `${inherited!.parameters}`);
  assertEquals(result!.costs.slice(0, 2).map(({ name }) => name), [
    "axes: the teacher turned and sorted",
    "inheritance: importance scored",
  ]);
  assertEquals(result!.samples, []);
  const [first, ...others] = inherited!.subNetwork.blocks.map(({ mlp }) => mlp.length);
  assert(others.every((size) => size === first));
});

Deno.test("on WebGPU the same student reaches what it reaches on the CPU", async () => {
  const { left } = await whole;
  const more = { init: `${shared}/whole/search/best.json`, name: "webgpu", device: "webgpu" } as const;
  const records = await Array.fromAsync(pipeline({ ...settings, evaluations: undefined, ...more }));
  const [result] = records.flatMap((record) => record.stage === "evaluate" ? record.result : []);
  assertAlmostEquals(result!.student.loss, left.result.student.loss, 1e-3);
  assertAlmostEquals(result!.teacher!.loss, left.result.teacher!.loss, 1e-5);
});

Deno.test("a plain run has a report too, of its loss, what it reached and what it cost", async () => {
  const report = await Deno.readTextFile(`${shared}/teacher/report.html`);
  const headings = [...report.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  assertEquals(headings, [
    ...["Loss", "What was reached", "Cost", "Settings that differ from the defaults", "All settings"],
  ]);
  const { flops } = JSON.parse((await Deno.readTextFile(`${shared}/teacher/log.jsonl`)).trimEnd().split("\n").at(-1)!);
  const { costs }: Result = await read(`${shared}/teacher/result.json`);
  assertEquals(costs.map((cost) => cost.flops), [flops]);
});

Deno.test("to resume the newest run means the newest of its kind", async () => {
  const kinds = `${shared}/kinds`;
  await Deno.mkdir(kinds);
  await whole;
  await new Deno.Command("cp", { args: ["-a", `${shared}/whole`, `${kinds}/student`] }).output();
  const found = async (flags: Record<string, unknown>) =>
    await find({}, { flags: { out: kinds, resume: "auto", teacher, corpus, ...flags } });
  const student = await found({});
  assertEquals([student.kind, student.kind === "pipeline" && student.place.begun], ["pipeline", true]);
  const plain = await found({ teacher: "none", preset: "tiny" });
  assertEquals([plain.kind, plain.kind === "run" && plain.place.directory], ["run", undefined]);
  await Deno.remove(`${kinds}/student`, { recursive: true });
  await new Deno.Command("cp", { args: ["-a", `${shared}/teacher`, `${kinds}/small`] }).output();
  const old = await find({}, { flags: { out: kinds, resume: "auto" } });
  assertEquals([old.kind, old.kind === "run" && old.place.directory?.path], ["run", `${kinds}/small`]);
});

for (const where of ["when it has inherited", "when training begins", "in its training"]) {
  Deno.test(`a pipeline that was moved ${where} goes on where it is`, async () => {
    const { left } = await whole;
    const moved = `${shared}/moved-${where.replaceAll(" ", "-")}`;
    await takeUntil(kills[where]!);
    await Deno.rename(`${out}/student`, moved);
    const resumed = await runTask("pretrain", ["--resume", moved, "--quiet"]);
    assertEquals([resumed.code, resumed.stderr], [0, ""]);
    const { trained, inherited } = await leftBy(moved);
    assertEquals([trained.log, inherited], [left.trained.log, left.inherited]);
  });
}

Deno.test("a dry run says the stages and what they will cost, and writes nothing", async () => {
  const { code, stdout, stderr } = await runTask("pretrain", [...flags, "--name", "dry", "--dry-run"]);
  assertEquals([code, stderr, await exists(`${out}/dry`)], [0, "", false]);
  for (const stage of ["search: 40 students of 0.7x", "inheritance: ", "training: about 11,782 parameters on 3,072"]) {
    assertStringIncludes(stdout, stage);
  }
});

Deno.test("the report has charts, scores, costs, settings and samples, and is written again from the files", async () => {
  await whole;
  const path = `${shared}/whole/report.html`;
  const before = await Deno.readTextFile(path);
  await Deno.remove(path);
  const { code, stderr, stdout } = await runTask("report", [`${shared}/whole`]);
  assertEquals([code, stderr, stdout], [0, "", `done: the report is in '${path}'\n`]);
  // It names the run by its folder, which has another name by now.
  assertEquals((await Deno.readTextFile(path)).replaceAll("Run whole", "Run student"), before);
  type Found = { textContent: string; length: number };
  const { document } = parseHTML(before) as unknown as { document: { querySelectorAll(selector: string): Found[] } };
  const texts = (selector: string) => Array.from(document.querySelectorAll(selector), ({ textContent }) => textContent);
  assertEquals(document.querySelectorAll("figure svg").length, 5);
  assertEquals(texts("h2"), [
    ...["Loss", "What was reached", "The sub-network", "Cost", "Settings that differ from the defaults"],
    ...["All settings", "Samples"],
  ]);
  assertEquals(texts("blockquote b"), ["We <must> & shall", "We <must> & shall"]);
  const cells = texts("td");
  for (const cell of ["evaluations", "40", "the student before training", "the teacher", "total", "100.0%"]) {
    assert(cells.includes(cell), cell);
  }
  assertStringIncludes(texts(".summary")[0]!, "cut out of the teacher in");
});

Deno.test("bad input gives one line and leaves nothing", async () => {
  await whole;
  const refusals: [string[], 1 | 2, string][] = [
    [["--teacher", "none", "--init", "search"], 2, "there must be a model to cut a student out of, found none"],
    [["--teacher", `${shared}/none`], 1, "none/config.json': it does not exist; check the path"],
    [["--init", `${shared}/none.json`], 1, "none.json': it does not exist; check the path"],
    [["--init", `${shared}/whole/result.json`], 2, "result.json': 'tokens' must be absent, as the fields are layers"],
    [["--params", "2x"], 2, "Cannot use --params: it must be a whole number from 1 to 16,832, found"],
    [["--space", "fine"], 2, 'Cannot use --space: must be "coarse-uniform" or'],
    [["--warmup", "30"], 2, "Cannot use --warmup: must leave part of the 24 steps"],
    [["--sequence", "64"], 2, "--sequence must be at most the folder's 32, found 64"],
    [["--params", "0.01x"], 1, "Cannot search the bin: it must hold a member of the space"],
  ];
  for (const [args, code, reason] of refusals) {
    const result = await runTask("pretrain", [...flags, "--name", "refused", "--quiet", ...args]);
    assertStringIncludes(result.stderr, reason);
    assertEquals([result.code, result.stdout, result.stderr.split("\n").length], [code, "", 2], result.stderr);
    assertEquals(await exists(`${out}/refused/pipeline.json`), false);
  }
  const run = `${shared}/whole`;
  for (const [field, value] of [["--space", "coarse-uniform"], ["--seed", "2"], ["--init", "random"]]) {
    const { code, stderr } = await runTask("pretrain", ["--resume", run, field!, value!]);
    assertEquals([code, stderr.split("\n").length], [2, 2], stderr);
    assertStringIncludes(stderr, `Cannot resume '${run}' with another ${field}: it must stay `);
  }
  const plain = await runTask("pretrain", ["--resume", `${shared}/teacher`, "--space", "coarse-uniform"]);
  assertStringIncludes(
    plain.stderr,
    "Cannot use --space: the run's student must be cut out of a teacher, found a plain",
  );
  const taken = await runTask("pretrain", ["--preset", "tiny", "--out", shared, "--name", "whole"]);
  assertStringIncludes(taken.stderr, `Cannot begin a run in '${run}': there must be none, found one`);
});
