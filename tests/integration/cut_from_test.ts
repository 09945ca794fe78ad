import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { exists } from "../../lib/io/files.ts";
import { readLog } from "../../lib/io/run_log.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { pipeline, type PipelineRunOptions } from "../../lib/pipeline/pipeline.ts";
import { describeResult } from "../../lib/pipeline/result.ts";
import { settingsOf } from "../../lib/pipeline/settings.ts";
import type { Probe } from "../../lib/train/probe.ts";
import type { TrainRow } from "../../lib/train/records.ts";
import { runTask } from "../tasks/run_task.ts";
import { corpus, hashesOf, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const model = `${shared}/teacher/final`, store = `${shared}/store`;
assertEquals((await pretrainTiny("--out", shared, "--name", "teacher", "--quiet")).code, 0);
assertEquals((await runTask("teach", ["--teacher", model, "--out", store, "--runs", shared, "--k", "8"])).code, 0);

const settings: PipelineOptions = {
  ...{ cutFrom: model, corpus, out: shared, params: "0.7x", init: "importance" },
  ...{ batch: 4, microBatch: 4, steps: 4, evalTokens: 256, sampleTokens: 0, device: "cpu", threads: 1 },
};

async function trained(options: PipelineOptions, run: PipelineRunOptions = {}) {
  const records = await Array.fromAsync(pipeline({ ...settings, ...options }, run));
  const [result] = records.flatMap((record) => record.stage === "evaluate" ? record.result : []);
  const last = (await readLog(`${shared}/${options.name}/log.jsonl`)).at(-1) as unknown as TrainRow;
  return { last, result: result!, inherited: await hashesOf(`${shared}/${options.name}/inherited`) };
}

let stored: ReturnType<typeof trained> | undefined;
const fromStore = () => stored ??= trained({ teacher: store, name: "stored" });

Deno.test("a student is cut out of one model and learns from a store, from another model, or from the text alone", async () => {
  const stored = await fromStore();
  const beside = await trained({ name: "beside" });
  const alone = await trained({ teacher: "none", name: "alone" });
  assertEquals(stored.inherited, beside.inherited);
  assertEquals(alone.inherited, beside.inherited);
  assert(stored.last.store_bytes! > 0 && stored.last.divergence! > 0);
  assertEquals([beside.last.store_bytes, alone.last.divergence, alone.last.teacher_flops], [
    undefined,
    undefined,
    undefined,
  ]);
  assertStringIncludes(
    await Deno.readTextFile(`${shared}/stored/report.html`),
    `cut out of ${model} and trained with the teacher in ${store}`,
  );
  assertStringIncludes(
    await Deno.readTextFile(`${shared}/alone/report.html`),
    `${model} and trained without a teacher`,
  );
});

Deno.test("lessons that a student does not have are no settings that differ from the defaults", async () => {
  await trained({ name: "taught" });
  await fromStore();
  await trained({ teacher: "none", name: "untaught" });
  for (const name of ["taught", "stored", "untaught"]) {
    const { changed } = settingsOf({}, JSON.parse(await Deno.readTextFile(`${shared}/${name}/pipeline.json`)));
    const fields = changed.map(([field]) => field!);
    assert(fields.includes("params"));
    assertEquals(fields.filter((field) => ["alpha", "beta", "gamma"].includes(field)), [], name);
  }
});

/** The loss on all held-out text. */
async function lossOf(folder: string): Promise<number> {
  const { stdout } = await runTask("evaluate", [folder, "--out", shared, "--batch", "8", "--device", "cpu", "--json"]);
  return JSON.parse(stdout).loss;
}

Deno.test("a student stands beside the model that it was cut out of and its teacher, each under its own name", async () => {
  assertEquals(
    (await pretrainTiny("--out", shared, "--name", "another", "--steps", "8", "--seed", "2", "--quiet")).code,
    0,
  );
  const another = `${shared}/another/final`, written = `${shared}/written`;
  assertEquals(
    (await runTask("teach", ["--teacher", another, "--out", written, "--runs", shared, "--k", "8"])).code,
    0,
  );
  const [source, teacher] = [await lossOf(model), await lossOf(another)];
  const cases: [name: string, PipelineOptions["teacher"], source: number | undefined, teacher: number | undefined][] = [
    ["the same model", model, undefined, source],
    ["a store that it wrote", store, undefined, source],
    ["another model", another, source, teacher],
    ["a store that another model wrote", written, source, undefined],
    ["no teacher", "none", source, undefined],
  ];
  for (const [what, given, ...losses] of cases) {
    const name = what.replaceAll(" ", "-");
    const { result, last } = await trained({ teacher: given, name, steps: 1, warmup: 0, sampleTokens: 2 });
    assertEquals(last.hidden_loss !== undefined, given === model, `hidden states are compared with ${what}`);
    assertEquals([result.source?.loss, result.teacher?.loss], losses, what);
    assertEquals(result.samples.map(({ model }) => model), losses[1] ? ["student", "teacher"] : ["student"], what);
    const page = await Deno.readTextFile(`${shared}/${name}/report.html`);
    for (
      const [texts, loss] of [
        [[", the model it was cut out of, of 16,832 parameters, ", "<td>the model it was cut out of</td>"], losses[0]],
        [[", its teacher, of 16,832 parameters, ", "<td>the teacher</td>"], losses[1]],
      ] as const
    ) {
      for (const text of texts) assertEquals(page.replaceAll("; ", ", ").includes(text), loss !== undefined, text);
    }
    const lines = describeResult(result).join("\n");
    assertEquals(/ the model it was cut out of [\d.]+ \(/.test(lines), losses[0] !== undefined, lines);
    assertEquals(/ the teacher [\d.]+ \(/.test(lines), losses[1] !== undefined, lines);
  }
});

Deno.test("a probe looks into a student that is cut out, and its report maps it also on the axes as they are given", async () => {
  const seen: unknown[] = [];
  const captured: Probe["captured"] = (step, activations) =>
    void seen.push([step, ...Array.from(activations, ([name, { shape }]) => [name, shape[0]])]);
  await trained({ teacher: "none", axes: "given", name: "given" }, { probe: { capture: ["blocks.0"], captured } });
  assertEquals(seen, [1, 2, 3, 4].map((step) => [step, ["blocks.0", 32]]));
  assertStringIncludes(await Deno.readTextFile(`${shared}/given/report.html`), "What is kept of the teacher");
});

Deno.test("a run that learns from a store is resumed with the model that it was cut out of", async () => {
  for await (const { stage } of pipeline({ ...settings, teacher: store, name: "cut" })) if (stage === "inherit") break;
  const { code, stderr } = await runTask("pretrain", ["--resume", `${shared}/cut`, "--quiet"]);
  assertEquals([code, stderr], [0, ""]);
  await fromStore();
  const weights = async (name: string) => (await hashesOf(`${shared}/${name}/final`))["model.safetensors"];
  assertEquals(await weights("cut"), await weights("stored"));
  const other = await runTask("pretrain", ["--resume", `${shared}/cut`, "--cut-from", "models/other"]);
  assertStringIncludes(other.stderr, "with another --cut-from: it must stay ");
});

Deno.test("what a student cannot be cut out of, or cannot learn from, is refused before a search", async () => {
  const flags = Object.entries({ ...settings, name: "refused" })
    .flatMap(([name, value]) => [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, `${value}`]);
  const without = flags.toSpliced(0, 2);
  const refusals: [string[], string][] = [
    [[...without, "--teacher", store], "a store has no weights, and the model that wrote it (SHA-256 "],
    [[...without, "--teacher", "none"], "there must be a model to cut a student out of, found none; give --teacher or"],
    [[...flags, "--teacher", store, "--temperature", "2"], "--temperature must be the store's 1, found 2; set it"],
    [[...flags, "--teacher", store, "--sequence", "16"], "--sequence must be the store's 32, found 16; set it"],
    [[...flags, "--teacher", "none", "--alpha", "0.4"], "Cannot use --alpha: it must have a --teacher, found 0.4 and"],
    [[...flags, "--init", "random"], "Cannot use --cut-from: the student must be cut out of a teacher, found --init"],
  ];
  for (const [args, reason] of refusals) {
    const { code, stdout, stderr } = await runTask("pretrain", [...args, "--quiet"]);
    assertEquals([code, stdout, stderr.split("\n").length], [2, "", 2], stderr);
    assertStringIncludes(stderr, reason);
    assertEquals(await exists(`${shared}/refused`), false);
  }
  const partial = `${shared}/partial`;
  const few = ["--teacher", model, "--out", partial, "--runs", shared, "--k", "8", "--windows", "2"];
  assertEquals((await runTask("teach", few)).code, 0);
  const { code, stdout, stderr } = await runTask("pretrain", [...flags, "--teacher", partial, "--quiet"]);
  assertEquals([code, stdout, stderr.split("\n").length], [1, "", 2], stderr);
  assertStringIncludes(stderr, `Cannot read '${partial}': it must hold every window that is trained on, found none of`);
  assertEquals(await exists(`${shared}/refused`), false);
  const lesson = trained({ teacher: "none", alpha: 0.4, name: "refused" });
  await assertRejects(() => lesson, UsageError, "Cannot use 'alpha': it must have a 'teacher', found 0.4 and none");
  assertEquals(await exists(`${shared}/refused`), false);
});
