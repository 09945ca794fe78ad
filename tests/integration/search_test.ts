import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { dimensionsOf } from "../../lib/subnet/dimensions.ts";
import { hashSubNetwork, parseSubNetwork } from "../../lib/subnet/json.ts";
import type { SubNetworkRow } from "../../lib/search/sub_network_row.ts";
import { runTask } from "../tasks/run_task.ts";
import { startTask } from "./started_task.ts";
import { hashesOf, pretrainTiny } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));
const teacher = `${shared}/teacher/final`;
const trained = pretrainTiny("--out", shared, "--name", "teacher", "--quiet");

const EVALUATIONS = 60;
const cpu = ["--device", "cpu", "--threads", "1"];
const flags = Object.entries({
  teacher,
  params: "0.5x",
  tolerance: "5%",
  steps: "width=2,mlp=2",
  population: 8,
  evaluations: EVALUATIONS,
  "calibration-tokens": 256,
  runs: shared,
}).flatMap(([flag, value]) => [`--${flag}`, `${value}`]).concat(cpu);

async function search(...more: string[]) {
  assertEquals((await trained).code, 0);
  return await runTask("search", more);
}

async function started(name: string) {
  assertEquals((await trained).code, 0);
  return startTask("search", [...flags, "--out", `${shared}/${name}`]);
}

const whole = search(...flags, "--out", `${shared}/whole`);

async function rowsOf(name: string): Promise<SubNetworkRow[]> {
  const text = await Deno.readTextFile(`${shared}/${name}/search.jsonl`);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** All that a search leaves but its config, which names the budget and the device. */
async function outcomeOf(name: string): Promise<Record<string, string>> {
  const { "config.json": _, ".lock": _lock, ...files } = await hashesOf(`${shared}/${name}`);
  return files;
}

/** Copies the whole search, to be damaged or continued. */
async function copyOfWhole(name: string): Promise<string> {
  assertEquals((await whole).code, 0);
  const copy = `${shared}/${name}`;
  await Deno.mkdir(copy);
  for (const { name } of Deno.readDirSync(`${shared}/whole`)) {
    await Deno.copyFile(`${shared}/whole/${name}`, `${copy}/${name}`);
  }
  return copy;
}

Deno.test("a search prints its generations, what was decided and what it cost, and leaves what it names", async () => {
  const { code, stdout, stderr } = await whole;
  assertEquals([code, stderr], [0, ""]);
  for (const line of [/^device: CPU, .*, because it was asked for$/m, /^bin: [\d,]+ to [\d,]+ parameters$/m]) {
    assertMatch(stdout, line);
  }
  assertStringIncludes(stdout, "first candidates: 2 prefix, 1 spaced, 1 taylor, the rest drawn");
  assertMatch(
    stdout,
    /^ +evaluations +generation +level +best fitness +parameters +candidates\/s\n +8 +0 +0 +[\d.]+ /m,
  );
  assertMatch(stdout, /^best: [\d.]+ nats .*: teacher [\d.]+, prefix [\d.]+, spaced [\d.]+, taylor [\d.]+$/m);
  assertStringIncludes(stdout, `ended by evaluations: ${EVALUATIONS} evaluated, `);
  assertMatch(stdout, /^FLOPs: [\d.e+]+ for candidates, [\d.e+]+ to prepare, [\d.e+]+ for the comparison$/m);
  const names = Object.keys(await hashesOf(`${shared}/whole`));
  assertEquals(names, [".lock", "best.json", "config.json", "pareto.json", "search.jsonl", "search.svg"]);
  const { hashes } = JSON.parse(await Deno.readTextFile(`${shared}/whole/config.json`));
  assertEquals(hashes.teacher, (await hashesOf(teacher))["model.safetensors"]);
});

Deno.test("best.json is the best row, on the front, and what extract takes from the line that is printed", async () => {
  const { stdout } = await whole;
  const rows = await rowsOf("whole");
  assertEquals(rows.length, EVALUATIONS);
  const best = JSON.parse(await Deno.readTextFile(`${shared}/whole/best.json`));
  const row = rows.find(({ fitness }) => fitness === Math.min(...rows.map((each) => each.fitness)))!;
  const { parameters, fitness, ...genotype } = best;
  assertEquals([genotype, parameters, fitness], [row.genotype, row.parameters, row.fitness]);
  const front: SubNetworkRow[] = JSON.parse(await Deno.readTextFile(`${shared}/whole/pareto.json`));
  assertEquals(front.at(-1), row);
  assert(front.every((each, i) => i === 0 || front[i - 1]!.fitness > each.fitness));

  const command = /cut it out: deno task extract (.*)$/.exec(stdout.trimEnd())![1]!.split(" ");
  const { code, stderr } = await runTask("extract", [...command, ...cpu]);
  assertEquals([code, stderr], [0, ""]);
  using device = await openDevice("cpu", { threads: 1 });
  using student = await loadModel(`${shared}/whole/student`, device);
  await Deno.remove(`${shared}/whole/student`, { recursive: true });
  assertEquals(countParameters(student.config), parameters);
  using loaded = await loadModel(teacher, device);
  assertEquals(await hashSubNetwork(parseSubNetwork(best, dimensionsOf(loaded.config))), row.hash);
});

Deno.test("a search that is killed and resumed, its last line torn, ends with the bytes of one that was not", async () => {
  await whole;
  await using task = await started("killed");
  await task.printed(/^ +8 +0 /m);
  task.kill("SIGKILL");
  assertEquals((await task.ended).signal, "SIGKILL", "the search must be killed before it ends");
  const rows = `${shared}/killed/search.jsonl`;
  const before = await Deno.readTextFile(rows);
  await Deno.writeTextFile(rows, '{"evaluation":9,"gen', { append: true });
  const resumed = await search(...flags, "--out", `${shared}/killed`, "--resume");
  assertEquals([resumed.code, resumed.stderr], [0, ""]);
  assertMatch(resumed.stdout, /^resuming '.*killed' after \d+ evaluations$/m);
  assertEquals(await outcomeOf("killed"), await outcomeOf("whole"));
  const last = before.slice(0, before.lastIndexOf("\n") + 1);
  assert((await Deno.readTextFile(rows)).startsWith(last));
});

Deno.test("Ctrl-C finishes the evaluation and says how to resume, which ends with the same bytes", async () => {
  await whole;
  await using task = await started("stopped");
  await task.printed(/^ +8 +0 /m);
  task.kill("SIGINT");
  const { code, stdout, stderr } = await task.ended;
  assertEquals([code, stderr], [130, "\nfinishing this evaluation; press Ctrl-C again to end at once\n"]);
  const command = stdout.trimEnd().split("\n").at(-1)!;
  assertEquals(command, `stopped; continue with: deno task search --resume ${shared}/stopped`);
  const best = JSON.parse(await Deno.readTextFile(`${shared}/stopped/best.json`));
  assertEquals(best.fitness, (await rowsOf("stopped")).at(-1)!.best);

  const resumed = await search("--resume", `${shared}/stopped`);
  assertEquals([resumed.code, resumed.stderr], [0, ""]);
  assertEquals(await outcomeOf("stopped"), await outcomeOf("whole"));
});

Deno.test("a search that has ended goes on with a larger budget, and its first rows stay", async () => {
  const copy = await copyOfWhole("longer");
  const { code, stderr } = await search("--resume", copy, "--evaluations", `${EVALUATIONS + 4}`);
  assertEquals([code, stderr], [0, ""]);
  const rows = await rowsOf("longer");
  assertEquals([rows.length, rows.slice(0, EVALUATIONS)], [EVALUATIONS + 4, await rowsOf("whole")]);
});

Deno.test("a search that was begun before a setting existed goes on with the setting's default", async () => {
  const copy = await copyOfWhole("older");
  const stored = JSON.parse(await Deno.readTextFile(`${copy}/config.json`));
  for (const name of ["fitness", "trainingTokens", "trainingLr", "correlate"]) delete stored.settings[name];
  await Deno.writeTextFile(`${copy}/config.json`, JSON.stringify(stored));
  const { code, stderr } = await search("--resume", copy);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await outcomeOf("older"), await outcomeOf("whole"));
});

Deno.test("rows that are damaged, missing or of another search are refused by their line, and all stays as it is", async () => {
  const copy = await copyOfWhole("damaged");
  const rows = `${copy}/search.jsonl`;
  const lines = (await Deno.readTextFile(rows)).trimEnd().split("\n");
  const damages: [(line: string) => string | undefined, string][] = [
    [() => "{", "line 5 must be a JSON object with a whole number 'evaluation', found {"],
    [() => undefined, "line 5 must be that of evaluation 5, found 6; restore the file"],
    [(line) => line.replace(/"parameters":\d+/, '"parameters":1'), "line 5 must have 'cost' = "],
    [(line) => line.replace("}", ',"by":"hand"}'), "line 5 must have 'genotype' = "],
    [(line) => line.replace('"generation"', '"by":"hand","generation"'), "line 5 must be the row that this search"],
  ];
  for (const [damage, reason] of damages) {
    const text = lines.map((line, i) => i === 4 ? damage(line) : line).filter((line) => line !== undefined).join("\n");
    await Deno.writeTextFile(rows, `${text}\n`);
    const before = await hashesOf(copy);
    const { code, stderr } = await search("--resume", copy, "--quiet");
    assertEquals([code, stderr.split("\n").length], [1, 2], stderr);
    assertStringIncludes(stderr, `error: Cannot read '${rows}': ${reason}`);
    assertEquals(await hashesOf(copy), before);
  }
});

Deno.test("a search over latency says what it measured, keeps what it fitted, and goes on without measuring", async () => {
  const out = `${shared}/fast`;
  // Whatever is measured, the teacher itself lies in this bin.
  const bin = ["--latency", "0.9x", "--tolerance", "20%", "--evaluations", "12"];
  const fast = flags.filter((flag, i) => flag !== "--params" && flags[i - 1] !== "--params").concat(bin);
  const { code, stdout, stderr } = await search(...fast, "--out", out);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^measuring the latencies of sub-networks\nspace .*\nlatency model: /m);
  assertMatch(
    stdout,
    /: 20 sub-networks measured on CPU, .*; error of held-out ones [\d.]+% on average, [\d.]+% at most$/m,
  );
  assertMatch(stdout, /^bin: [\d.,]+ ms to [\d.,]+ ms of predicted latency$/m);
  assertMatch(stdout, /^ +evaluations .* latency ms +candidates\/s$/m);
  assertMatch(
    stdout,
    /^latency of the best: [\d.,]+ ms predicted, .* measured; of the teacher: .* ms \(median .* ms\)$/m,
  );
  assertMatch(stdout, /^FLOPs: .* for the comparison, [\d.e+]+ for latencies$/m);
  const rows = await rowsOf("fast");
  const best = JSON.parse(await Deno.readTextFile(`${out}/best.json`));
  assertEquals(best.latency_ms, rows.find(({ fitness }) => fitness === best.fitness)!.latency_ms);

  const modelOf = async () => JSON.parse(await Deno.readTextFile(`${out}/config.json`)).latencyModel;
  const [before, model] = [await outcomeOf("fast"), await modelOf()];
  const lines = (await Deno.readTextFile(`${out}/search.jsonl`)).split("\n");
  await Deno.writeTextFile(`${out}/search.jsonl`, `${lines.slice(0, 7).join("\n")}\n`);
  const resumed = await search("--resume", out);
  assertEquals([resumed.code, resumed.stderr, resumed.stdout.includes("measuring")], [0, "", false]);
  assertEquals([await outcomeOf("fast"), await modelOf()], [before, model]);

  const elsewhere = await search("--resume", out, "--threads", "2", "--quiet");
  assertMatch(
    elsewhere.stderr,
    /^latencies are predicted as measured on CPU, .*, 1 thread, and this is CPU, .*, 2 threads$/m,
  );
  assertEquals(elsewhere.code, 0);
  const { latencyModel: _, ...config } = JSON.parse(await Deno.readTextFile(`${out}/config.json`));
  await Deno.writeTextFile(`${out}/config.json`, JSON.stringify(config));
  const forgotten = await search("--resume", out, "--quiet");
  assertEquals(forgotten.code, 1);
  assertStringIncludes(forgotten.stderr, "it must be the config of a search, found what cannot use the latency model");
});

Deno.test("a search judges by training, and says in the end whether that ranks as longer training does", async () => {
  const ladder = { fitness: "trained", "training-tokens": "1k,4k", correlate: 4, evaluations: 12 };
  const more = Object.entries(ladder).flatMap(([flag, value]) => [`--${flag}`, `${value}`]);
  const { code, stdout, stderr } = await search(...flags, ...more, "--out", `${shared}/trained`);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "judged by loss after training on 1,000, then 4,000 tokens of the train split");
  assertStringIncludes(await Deno.readTextFile(`${shared}/trained/search.svg`), "loss after training, nats per token");
  const found = /^rank correlation of fitness \(trained\) and loss after training on 4,000 tokens, (\d) candidates: /m;
  const { candidates, spearman } = JSON.parse(await Deno.readTextFile(`${shared}/trained/correlation.json`));
  assertEquals([`${candidates.length}`, spearman], [found.exec(stdout)?.[1], 1]);
});

Deno.test("a search is not begun where there is one, nor resumed with other settings or another teacher", async () => {
  const copy = await copyOfWhole("other");
  const before = await hashesOf(copy);
  const other = await pretrainTiny(
    "--out",
    shared,
    "--name",
    "other-teacher",
    "--steps",
    "2",
    "--seed",
    "2",
    "--quiet",
  );
  assertEquals(other.code, 0);
  const refusals: [string[], string][] = [
    [[...flags, "--out", copy], `Cannot begin a search in '${copy}': there must be none, found one`],
    [["--resume", copy, "--seed", "2"], `Cannot resume '${copy}' with another --seed: it must stay 1, found 2`],
    [["--resume", copy, "--space", "coarse-uniform"], "with another --space: it must stay"],
    [["--resume", copy, "--budget-flops", "0.5x"], "with another --budget-flops: it must stay nothing, found"],
    [["--resume", copy, "--teacher", `${shared}/other-teacher/final`], "with another teacher: it must stay"],
  ];
  for (const [args, reason] of refusals) {
    const { code, stderr } = await search(...args, "--quiet");
    assertEquals([code, stderr.split("\n").length], [2, 2], stderr);
    assertStringIncludes(stderr, reason);
  }
  assertEquals(await hashesOf(copy), before);
});

Deno.test("bad input gives one line and leaves nothing", async () => {
  await trained;
  const bare = `${shared}/bare`;
  await Deno.mkdir(bare);
  for (const name of ["config.json", "model.safetensors"]) await Deno.copyFile(`${teacher}/${name}`, `${bare}/${name}`);
  const out = ["--out", `${shared}/refused`];
  const refusals: [string[], 1 | 2, string][] = [
    [flags, 2, "Cannot go on without --out: directory of the search"],
    [out, 2, "Cannot go on without --teacher: Hugging Face folder of the teacher"],
    [[...flags, ...out, "--space", "fine"], 2, 'Cannot use --space: must be "coarse-uniform" or'],
    [[...flags, ...out, "--evaluations", "0"], 2, "Cannot use --evaluations: must be a whole number of at least 1"],
    [[...flags, ...out, "--budget-flops", "0.5x"], 2, "Cannot use --params and --budget-flops together"],
    [[...flags, ...out, "--latency", "3ms"], 2, "Cannot use --params and --latency together"],
    [["--resume", `${shared}/refused`], 1, "it must be the directory of a search, found no config.json in it"],
    [[...flags, ...out, "--teacher", bare], 2, "it must hold a tokenizer.json, found none"],
    [[...flags, ...out, "--params", "0.01x"], 1, "Cannot search the bin: it must hold a member of the space"],
    [[...flags, ...out, "--flops", "1"], 1, "'flops' must pay for the first evaluation"],
  ];
  for (const [args, code, reason] of refusals) {
    const result = await search(...args, "--quiet");
    assertStringIncludes(result.stderr, reason);
    assertEquals([result.code, result.stdout, result.stderr.split("\n").length], [code, "", 2], result.stderr);
    assertEquals(await exists(`${shared}/refused/config.json`), false);
  }
});

Deno.test("help begins with lines to copy", async () => {
  const { code, stdout } = await runTask("search", ["--help"]);
  assertEquals([code, stdout.split("\n").slice(0, 3).every((line) => line.startsWith("deno task search --"))], [
    0,
    true,
  ]);
});
