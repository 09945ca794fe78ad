import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sha256 } from "../../lib/data/hash.ts";
import { type ArchivedFile, packArchive, unpackArchive } from "../../lib/io/archive.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { exists } from "../../lib/io/files.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { pipeline } from "../../lib/pipeline/pipeline.ts";
import type { Agreement } from "../../lib/share/comparison.ts";
import { MANIFEST, type PackManifest, parseManifest, printManifest } from "../../lib/share/manifest.ts";
import { rerun, type RerunOptions } from "../../lib/share/rerun.ts";
import { share } from "../../lib/share/share.ts";
import { runTask } from "../tasks/run_task.ts";
import { corpus as speeches } from "./tiny_run.ts";

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

const corpus = `${shared}/my speeches.jsonl`;
await Deno.copyFile(speeches, corpus);
const small: PipelineOptions = {
  ...{ preset: "tiny", corpus, batch: 4, microBatch: 4, steps: 12, logEvery: 5, evalEvery: 6, evalTokens: 256 },
  ...{ sampleTokens: 0, device: "cpu", threads: 1, out: `${shared}/runs`, name: "plain" },
};
await Array.fromAsync(pipeline(small));
const { archive, manifest } = await share(`${shared}/runs/plain`);

/** The package with another manifest or other files; hashes of the files are those that they have then. */
async function changed(
  change: (manifest: PackManifest) => PackManifest,
  edit: (file: ArchivedFile) => ArchivedFile = (file) => file,
): Promise<Uint8Array<ArrayBuffer>> {
  const files = (await unpackArchive(archive, "x")).slice(1).map(edit);
  const listed = await Promise.all(files.map(async ({ path, bytes }) => (
    { path, bytes: bytes.length, sha256: await sha256(bytes) }
  )));
  const text = await printManifest(change({ ...manifest, files: listed }));
  return await packArchive([{ path: MANIFEST, bytes: new TextEncoder().encode(text) }, ...files]);
}

let folders = 0;

async function repeat(
  bytes: Uint8Array<ArrayBuffer>,
  options: Partial<RerunOptions> = {},
): Promise<readonly Agreement[]> {
  const out = `${shared}/again-${++folders}`;
  const records = await Array.fromAsync(rerun(bytes, "x.tar.gz", { out, threads: 1, ...options }));
  return records.flatMap((record) => record.stage === "compare" ? record.agreements : []);
}

const verdicts = (agreements: readonly Agreement[]) => [...new Set(agreements.map(({ verdict }) => verdict))];

const otherRow = (file: ArchivedFile): ArchivedFile => {
  if (file.path !== "run/log.jsonl") return file;
  const text = new TextDecoder().decode(file.bytes).replace(/"val_loss":[\d.]+/, '"val_loss":1.5');
  return { ...file, bytes: new TextEncoder().encode(text) };
};

Deno.test("the same run gives the same package, whatever else its directory holds", async () => {
  assertEquals((await share(`${shared}/runs/plain/`)).archive, archive);
  await Deno.remove(`${shared}/runs/plain/report.html`);
  assertEquals((await share(`${shared}/runs/plain`)).archive, archive);
  assertEquals(manifest.files.map(({ path }) => path), [
    ...["run/config.json", "run/adapter.json", "run/log.jsonl", "run/result.json"],
    "inputs/corpus/my speeches.jsonl",
  ]);
  assertEquals([manifest.kind, manifest.name, manifest.seeds], ["run", "plain", { seed: 1, splitSeed: 0 }]);
  assertEquals([manifest.environment.deno, manifest.environment.device?.kind], [Deno.version.deno, "cpu"]);
});

Deno.test("with the model a package has its files, and none of the optimizer's", async () => {
  const { manifest: { files } } = await share(`${shared}/runs/plain`, { withModel: true });
  const model = files.filter(({ path }) => path.startsWith("run/final/")).map(({ path }) => path.slice(10));
  assertEquals(model, ["config.json", "model.safetensors", "tokenizer.json"]);
});

Deno.test("a run that is repeated from its package alone agrees bit for bit, weights and all", async () => {
  await Deno.rename(corpus, `${corpus}.away`);
  const agreements = await repeat(archive);
  await Deno.rename(`${corpus}.away`, corpus);
  assertEquals(verdicts(agreements), ["exact"]);
  const names = agreements.map(({ name }) => name);
  for (const name of ["loss", "val_loss", "result.student.bitsPerByte", "weights"]) assert(names.includes(name), name);
  assertEquals(agreements.filter(({ name }) => name === "loss").map(({ step }) => step), [1, 5, 6, 10, 12]);
});

Deno.test("on another device the numbers agree within the tolerance, and the weights' hash says nothing", async () => {
  const agreements = await repeat(archive, { device: "webgpu" });
  assertEquals(verdicts(agreements.filter(({ name }) => name === "weights")), ["unknown"]);
  assertEquals(verdicts(agreements).sort(), ["close", "exact", "unknown"]);
});

Deno.test("a lock file that differs stops it before anything is written, unless it is insisted on", async () => {
  const lock = "0".repeat(64);
  const other = await changed(({ environment, ...rest }) => ({ ...rest, environment: { ...environment, lock } }));
  const out = `${shared}/locked`;
  await assertRejects(
    () => repeat(other, { out }),
    RangeError,
    "Cannot repeat 'x.tar.gz': another lock file: SHA-256 0",
  );
  assertEquals(await exists(out), false);
  assertEquals(verdicts(await repeat(other, { out, force: true })), ["exact"]);
});

Deno.test("damaged and unsafe packages are refused by the name of what is wrong, before anything is written", async () => {
  const out = `${shared}/refused`;
  const files = await unpackArchive(archive, "x");
  const refused: [Uint8Array<ArrayBuffer>, string][] = [
    [await packArchive([files[0]!, ...files.slice(1).map(otherRow)]), "run/log.jsonl must have the SHA-256"],
    [await packArchive(files.slice(0, -1)), "it must hold inputs/corpus/my speeches.jsonl, found no such file"],
    [await packArchive([...files, { path: "more", bytes: new Uint8Array(1) }]), "found more beside them"],
    [await packArchive(files.slice(1)), "it must hold a manifest.json, found none"],
    [archive.with(200, archive[200]! ^ 1), "it must be a whole .tar.gz archive"],
    [
      await changed((content) => ({ ...content, files: [{ ...content.files[0]!, path: "../config.json" }] })),
      `must stay in its folder, found "../config.json"`,
    ],
  ];
  for (const [bytes, reason] of refused) await assertRejects(() => repeat(bytes, { out }), FileError, reason);
  assertEquals(await exists(out), false);
});

Deno.test("what was too large to pack must be named, and be the same", async () => {
  const { archive: bytes, manifest: { inputs: [input] } } = await share(`${shared}/runs/plain`, { inputBytes: 100 });
  assertEquals([input!.kind, input!.place], ["named", undefined]);
  const rule = `--corpus must name a copy of '${corpus}' (SHA-256 ${input!.sha256.slice(0, 12)}, 41150 bytes)`;
  await assertRejects(() => repeat(bytes), Error, `${rule}, which was not packed, found none`);
  const other = `${shared}/other.jsonl`;
  await Deno.writeTextFile(other, '{"text": "a"}\n');
  await assertRejects(() => repeat(bytes, { inputs: { corpus: other } }), Error, `${rule}, found SHA-256`);
  assertEquals(verdicts(await repeat(bytes, { inputs: { corpus } })), ["exact"]);
});

Deno.test("a student that was cut out of a teacher is made again with all that goes before its training", async () => {
  const options: PipelineOptions = {
    ...{ corpus, teacher: `${shared}/runs/plain/final`, params: "0.5x", batch: 4, steps: 2 },
    ...{ init: "search", space: "fine-layerwise", evaluations: 3 },
    ...{ evalTokens: 256, sampleTokens: 0, device: "cpu", threads: 1, out: `${shared}/runs`, name: "cut" },
  };
  await Array.fromAsync(pipeline(options));
  const { archive: bytes, manifest } = await share(`${shared}/runs/cut`);
  assertEquals([manifest.kind, manifest.inputs.map(({ field, kind }) => [field, kind])], [
    "pipeline",
    [["corpus", "packed"], ["teacher", "packed"]],
  ]);
  const alone: PipelineOptions = {
    ...options,
    cutFrom: options.teacher,
    teacher: "none",
    init: "importance",
    name: "alone",
  };
  await Array.fromAsync(pipeline(alone));
  const other = await share(`${shared}/runs/alone`);
  assertEquals(other.manifest.inputs.map(({ field }) => field), ["corpus", "cutFrom"]);
  await Deno.rename(`${shared}/runs`, `${shared}/away`);
  const agreements = await repeat(bytes);
  assertEquals(verdicts(agreements), ["exact"]);
  assertEquals(verdicts(await repeat(other.archive)), ["exact"]);
  await Deno.rename(`${shared}/away`, `${shared}/runs`);
  assert(agreements.some(({ name }) => name === "result.inherited.loss"));
  const judged = agreements.filter(({ name }) => name === "search.fitness").map(({ evaluation }) => evaluation);
  assertEquals(judged, [1, 2, 3]);
});

Deno.test("a notebook is executed again, and each result that it declared is compared within its own tolerance", async () => {
  const path = `${shared}/my notebook.ipynb`;
  const stored = [
    ...[{ name: "sum", value: 4, tolerance: 0 }, { name: "near", value: 1, tolerance: 0.1 }],
    ...[{ name: "wrong", value: 1, tolerance: 0.1 }, { name: "gone", value: 1, tolerance: 0 }],
  ];
  const source = `import { expect } from "@offshoot/offshoot/notebook";
expect("sum", 2 + 2); expect("near", 1.05, 0.1); expect("wrong", 1.5, 0.1);`;
  const write = (results: object) =>
    Deno.writeTextFile(
      path,
      JSON.stringify({
        ...{ nbformat: 4, nbformat_minor: 5 },
        metadata: { kernelspec: { name: "deno", language: "typescript", display_name: "Deno" }, offshoot: { results } },
        cells: [{ cell_type: "code", id: "a", metadata: {}, source, execution_count: null, outputs: [] }],
      }),
    );
  await write({ full: stored });
  const { archive: bytes, manifest: { kind, name, files } } = await share(path);
  assertEquals([kind, name, files.map(({ path }) => path)], ["notebook", "my notebook", ["notebook.ipynb"]]);
  const out = `${shared}/notebook`;
  assertEquals((await repeat(bytes, { out })).map(({ name, verdict }) => [name, verdict]), [
    ...[["sum", "exact"], ["near", "close"], ["wrong", "different"], ["gone", "missing"]],
  ]);
  assertStringIncludes(await Deno.readTextFile(`${out}/rerun/notebook.ipynb`), '"execution_count": 1');

  await write({});
  const empty = await share(path);
  await assertRejects(() => repeat(empty.archive), RangeError, "it must hold results that its cells declare");
});

Deno.test("the tasks say what was packed, what differs, and which numbers agree, with the exit code", async () => {
  const out = `${shared}/task.tar.gz`;
  const packed = await runTask("share", [`${shared}/runs/plain`, "--out", out]);
  assertEquals(packed.code, 0, packed.stderr);
  assertStringIncludes(packed.stdout, `corpus '${corpus}': 40.2 KiB, packed\ndone: 5 files, `);
  assertEquals(await Deno.readFile(out), archive);

  const files = await unpackArchive(archive, "x");
  assertEquals(await parseManifest(new TextDecoder().decode(files[0]!.bytes)), manifest);
  await Deno.writeFile(out, await changed((content) => content, otherRow));
  const task = await runTask("rerun", [out, "--out", `${shared}/task`, "--threads", "1"]);
  assertEquals(task.code, 1, task.stderr);
  assertStringIncludes(task.stdout, "loss                                  5 bit for bit\n");
  assertStringIncludes(task.stdout, "1 bit for bit, 1 different: at step 6 1.5 there, 5.");
  assertStringIncludes(task.stdout, `failed: not all numbers agree; the run is in '${shared}/task/rerun'\n`);

  const none = await runTask("share", [`${shared}/none`]);
  assertEquals([none.code, none.stderr.split("\n").length], [1, 2], none.stderr);
});
