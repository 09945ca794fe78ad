import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { writeReports } from "../../lib/compare/report.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { jsonText } from "../../lib/io/json.ts";
import { find } from "../report/svg.ts";
import { runTask } from "../tasks/run_task.ts";

const shared = await Deno.makeTempDir();
const studyOf = async (path: string) => {
  const [results, study] = ["results.jsonl", "study.json"].map((name) => `fixtures/results/${name}`);
  await Deno.mkdir(path);
  await Deno.copyFile(results!, `${path}/results.jsonl`);
  await Deno.copyFile(study!, `${path}/study.json`);
};
const writeRows = (path: string, rows: readonly object[]) =>
  Deno.writeTextFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

/** Writes what a run leaves. */
async function runOf(name: string, settings: object, losses: readonly number[], bits = 0.5): Promise<string> {
  const path = `${shared}/${name}`;
  await Deno.mkdir(path);
  await Deno.writeTextFile(
    `${path}/config.json`,
    jsonText({ preset: "tiny", name, seed: 1, teacher: "none", ...settings }),
  );
  const row = (loss: number, i: number) => ({
    ...{ step: i + 1, tokens: 100 * (i + 1), flops: 1e6 * (i + 1), elapsed_s: 60 * (i + 1), lr: 1e-3, grad_norm: 1 },
    ...{ loss: loss + 1, val_loss: loss, val_bpb: loss * bits },
  });
  await writeRows(`${path}/log.jsonl`, losses.map(row));
  return path;
}

const block = { groups: [0], headsInGroup: [0], headDims: [0, 1], mlp: [0, 2] };
const genotype = { layers: [0], width: [0, 1], blocks: [block] };
async function searchOf(path: string, teacher: string, fitness?: string): Promise<void> {
  await Deno.mkdir(path);
  await Deno.writeTextFile(
    `${path}/config.json`,
    jsonText({ settings: { teacher, fitness }, hashes: {}, device: "cpu" }),
  );
  const row = (fitness: number, i: number) => ({
    ...{ evaluation: i + 1, generation: i >> 1, hash: `${i}`, parameters: 100 + i, flops_per_token: 10, fitness },
    ...{ level: 0, flops: 1e6 * (i + 1), best: 3, genotype },
  });
  await writeRows(`${path}/search.jsonl`, [5, 4, 3.5, 3].map(row));
}

const runs = [
  await runOf("cut-seed1", { lr: 1e-3 }, [5, 4, 3]),
  await runOf("cut-seed2", { lr: 1e-3, seed: 2 }, [5.2, 4.1, 3.1]),
  await runOf("drawn", { lr: 2e-3 }, [7, 6, 5, 4.5]),
];
await searchOf(`${shared}/search`, "fixtures/neox-tiny");
await searchOf(`${shared}/orphan`, `${shared}/no teacher`);
await searchOf(`${shared}/trained`, "fixtures/neox-tiny", "trained");
await studyOf(`${shared}/study`);

const read = async (...paths: string[]) => {
  const out = `${shared}/page.html`;
  assertEquals(await writeReports(paths, out), out);
  const page = await Deno.readTextFile(out);
  const texts = (selector: string) => find(page, selector).map(({ textContent }) => textContent);
  return { page, texts, labels: find(page, "figure").map((figure) => figure.getAttribute("aria-label")) };
};

Deno.test("several runs are one page: settings that differ, losses against tokens and FLOPs, and results with costs", async () => {
  const { texts, labels, page } = await read(...runs);
  assertEquals(texts("h1"), ["Comparison of 3 runs"]);
  assertEquals(texts("h2"), ["Settings that differ", "Loss", "What was reached, and what it cost"]);
  assertEquals(labels, ["Loss of 3 runs against training tokens", "Loss of 3 runs against FLOPs"]);
  assertEquals(texts("th").slice(0, 4), ["setting", "cut-seed1", "cut-seed2", "drawn"]);
  assertEquals(texts("td").slice(0, 8), ["seed", "1", "2", "1", "lr", "0.001", "0.001", "0.002"]);
  const cells = texts("td");
  for (const cell of ["3.0000", "1.5000", "3.00e+6", "4.5000", "400"]) assert(cells.includes(cell), cell);
  // Runs that differ in the seed alone are one curve; the page needs no other file.
  assertEquals(texts("text").filter((text) => text.startsWith("cut-seed* 3.05 (2 runs)")).length, 2);
  assertEquals([...page.matchAll(/<script|<link|src=|href=/g)].length, 0);
});

Deno.test("settings are folded where many differ", async () => {
  const many = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`setting${i}`, i]));
  const other = await runOf("other-settings", many, [4, 3]);
  const folded = "<details>\n<summary><h2>Settings that differ</h2>";
  assertStringIncludes((await read(runs[2]!, other)).page, folded);
  assert(!(await read(...runs)).page.includes(folded));
});

Deno.test("what a start took is part of a run's FLOPs, and an ended run is judged by its result", async () => {
  const found = await runOf("found", {}, [4, 3]);
  const inherit = { scoring: 0, flops: 5e6, seconds: 30 };
  await Deno.writeTextFile(`${found}/costs.json`, jsonText({ inherit }));
  const before = (await read(found, runs[2]!)).texts("td");
  assert(before.includes("7.00e+6") && before.includes("3.0000"), before.join());
  const student = { loss: 2.75, perplexity: 15.6, bitsPerByte: 1.25, parameters: 1234 };
  const costs = [{ name: "inheritance", ...inherit }, { name: "training", flops: 2e6, seconds: 120 }];
  const result = { tokens: 200, heldOut: 100, student, baselines: {}, costs, samples: [] };
  await Deno.writeTextFile(`${found}/result.json`, jsonText(result));
  const after = (await read(found, runs[2]!)).texts("td");
  for (const cell of ["1,234", "2.7500", "1.2500", "7.00e+6", "2:30"]) assert(after.includes(cell), `${cell} ${after}`);
  const ends = find((await read(found, runs[2]!)).page, "figure")[1]!.textContent;
  assert(ends.includes("7M") && !(await read(runs[0]!, runs[2]!)).page.includes("7M"), ends);
});

Deno.test("budgets that differ widely are drawn over a logarithmic axis", async () => {
  const long = await runOf("long", {}, Array.from({ length: 20 }, (_, i) => 6 - i / 10));
  const evenly = async (...paths: string[]) =>
    (await read(...paths)).texts("text").some((text) => /^\d\.\dk$/.test(text));
  const longer = await runOf("longer", {}, Array.from({ length: 16 }, (_, i) => 6 - i / 10));
  assertEquals([await evenly(runs[0]!, long), await evenly(longer, long)], [false, true]);
});

Deno.test("runs whose tokens have other lengths are compared in bits per byte", async () => {
  const other = await runOf("other-tokenizer", { vocabulary: 320 }, [4, 3], 0.8);
  assert((await read(runs[2]!, other)).texts("text").includes("↑ validation loss, bits per byte"));
  assert((await read(runs[0]!, runs[2]!)).texts("text").includes("↑ validation loss, nats per token"));
});

Deno.test("searches and studies stand beside runs, with the maps of what students keep", async () => {
  const { texts, labels } = await read(runs[0]!, `${shared}/search`, `${shared}/orphan`, `${shared}/study`);
  assertEquals(texts("h1"), ["Comparison of 1 run, 2 searches, 1 study"]);
  assertEquals(texts("h2").slice(3), ["Study study", "Search", "What students keep"]);
  assertEquals(labels.filter((label) => label === "Lowest fitness, median and spread of each generation").length, 2);
  assertEquals(labels.filter((label) => label === "Layers, heads and neurons of the teacher that are kept").length, 1);
  assert(texts("text").includes("search: best"));
  assert(texts("p").includes(`No map is drawn for ${shared}/orphan: the folder of the teacher is not there.`));
});

Deno.test("the charts of a search say what it judged by, each by its own settings", async () => {
  const { texts } = await read(`${shared}/trained`, `${shared}/search`);
  const axes = texts("text").filter((text) => text.startsWith("↑ ") && text.includes("nats per token"));
  const trained = "↑ loss after training, nats per token", unknown = "↑ nats per token";
  assertEquals(axes, [trained, trained, trained, unknown, unknown, unknown]);
});

Deno.test("a search or a study alone has its report in its own directory", async () => {
  for (const name of ["search", "study"]) {
    const path = await writeReports([`${shared}/${name}/`]);
    assertEquals(path, `${shared}/${name}/report.html`);
    assertStringIncludes(
      await Deno.readTextFile(path),
      `<h1>${name === "study" ? "Study study" : "Search search"}</h1>`,
    );
  }
});

Deno.test("what is no directory of ours is refused, in one line", async () => {
  const error = await assertRejects(() => writeReports([runs[0]!, shared]), FileError);
  assertEquals(
    error.message,
    `Cannot read '${shared}': it must be the directory of a run, a search or a study, found neither config.json nor ` +
      "study.json in it; check the path",
  );
  await assertRejects(() => writeReports([]), RangeError, "there must be at least one directory, found none");
});

Deno.test("the task takes any number of directories and says where the page is", async () => {
  const out = `${shared}/task.html`;
  const { code, stdout, stderr } = await runTask("report", [...runs, "--out", out]);
  assertEquals([code, stdout, stderr], [0, `done: the report is in '${out}'\n`, ""]);
  const none = await runTask("report", []);
  assertEquals([none.code, none.stderr], [
    2,
    "error: Cannot go on without <directories>: directories of runs, searches and studies\n",
  ]);
});

Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
