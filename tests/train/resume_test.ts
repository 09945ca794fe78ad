import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { writeCheckpoint } from "../../lib/io/checkpoint.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { RunDirectory } from "../../lib/io/run_directory.ts";
import { type PretrainOptions, resolveConfig } from "../../lib/train/config.ts";
import { findRun, isFinished, newPath, storedConfig } from "../../lib/train/resume.ts";
import { checkpointAfter } from "../io/checkpoint_after.ts";
import { inFolder } from "../io/temporary_folder.ts";

const tiny: PretrainOptions = { preset: "tiny", steps: 10, batch: 4, microBatch: 2 };

/** Makes a run of ten steps that has checkpoints after some of them. */
async function makeRun(path: string, checkpoints: number[], options: PretrainOptions = tiny): Promise<RunDirectory> {
  const run = await RunDirectory.create(path, storedConfig(resolveConfig(options)), {});
  for (const step of checkpoints) await writeCheckpoint(run, checkpointAfter(step));
  return run;
}

const find = (options: PretrainOptions) => findRun(options, {});

Deno.test("auto is the newest run of the name that is not finished", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, [4]);
    await makeRun(`${out}/tiny-2`, [2, 6]);
    await makeRun(`${out}/tiny-10`, [10]);
    const place = await find({ out, preset: "tiny", resume: "auto" });
    assertEquals([place.directory?.path, place.from?.checkpoint.step], [`${out}/tiny-2`, 6]);
    const named = await find({ out, name: "tiny", resume: "auto" });
    assertEquals([named.directory?.path, named.from?.checkpoint.step], [`${out}/tiny`, 4]);
  }));

Deno.test("auto is the newest finished run where all are finished, so that more steps prolong it", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, [10]);
    await makeRun(`${out}/tiny-2`, [10]);
    const place = await find({ out, preset: "tiny", resume: "auto" });
    assertEquals([place.directory?.path, isFinished(place)], [`${out}/tiny-2`, true]);
    assertEquals(isFinished(await find({ out, preset: "tiny", resume: "auto", steps: 11 })), false);
  }));

Deno.test("auto is a new run where there is none", () =>
  inFolder(async (out) => {
    const place = await find({ ...tiny, out, resume: "auto" });
    assertEquals([place.directory, place.from, place.config.resume], [undefined, undefined, ""]);
    assertEquals(await newPath(place.config), `${out}/tiny`);
  }));

Deno.test("a run without a checkpoint is resumed from its beginning", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, []);
    const place = await find({ resume: `${out}/tiny/` });
    assertEquals([place.directory?.path, place.from, isFinished(place)], [`${out}/tiny`, undefined, false]);
  }));

Deno.test("a checkpoint is found by its folder and by the link, from inside the run too", () =>
  inFolder(async (folder) => {
    const run = await makeRun(`${folder}/tiny`, [2, 6]);
    const real = await Deno.realPath(run.path);
    for (const [path, step] of [["final", 6], ["checkpoints/step-000002", 2]] as const) {
      const place = await find({ resume: `${run.path}/${path}` });
      assertEquals([place.directory?.path, place.from?.checkpoint.step], [real, step]);
    }
    const before = Deno.cwd();
    try {
      Deno.chdir(run.path);
      assertEquals((await find({ resume: "final" })).directory?.path, real);
    } finally {
      Deno.chdir(before);
    }
  }));

Deno.test("what decides the results must stay as it was, by its name", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, [4]);
    const changes: PretrainOptions[] = [
      { width: 32, heads: 2 },
      { preset: "small" },
      { corpus: "other.txt" },
      { tokenizer: "tokenizer.json" },
      { vocabulary: 400 },
      { validationFraction: 0.1 },
      { splitSeed: 5 },
      { seed: 5 },
      { lr: 1 },
      { schedule: "linear" },
      { weightDecay: 0 },
      { dropout: 0.1 },
      { sequence: 16 },
      { init: "folder" },
      { teacher: "folder" },
    ];
    for (const change of changes) {
      const error = await assertRejects(() => find({ ...change, resume: `${out}/tiny` }), UsageError);
      const flag = Object.keys(change)[0]!.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      assertStringIncludes(error.message, `Cannot resume '${out}/tiny' with another --${flag}: it must stay`);
    }
  }));

Deno.test("how long a run is, how it is measured and how it is shown may change, and a smaller micro-batch is said", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, [4]);
    const free = { steps: 20, evalEvery: 3, logEvery: 1, checkpointEvery: 2, keep: 5, sampleTokens: 0, quiet: true };
    const { config, warnings } = await find({ ...free, resume: `${out}/tiny` });
    assertEquals({ ...config, ...free }, config);
    assertEquals([config.tokens, warnings], [20 * 4 * 32, []]);
    const smaller = await find({ microBatch: 1, resume: `${out}/tiny` });
    assertEquals(smaller.warnings, [
      "micro-batches of 1 instead of 2 sum in another order: the last digits will differ",
    ]);
  }));

Deno.test("what belongs to one call is not remembered for the next", () =>
  inFolder(async (out) => {
    const options = { ...tiny, quiet: true, profile: true, dryRun: true, resume: "auto" };
    await makeRun(`${out}/tiny`, [4], options);
    const { quiet, profile, dryRun, resume } = (await find({ resume: `${out}/tiny` })).config;
    assertEquals({ quiet, profile, dryRun, resume }, { quiet: false, profile: false, dryRun: false, resume: "" });
  }));

Deno.test("a run that began from a folder is resumed without it", () =>
  inFolder(async (out) => {
    await makeRun(`${out}/tiny`, [4], { ...tiny, init: `${out}/gone` });
    assertEquals((await find({ out, preset: "tiny", resume: "auto" })).from?.checkpoint.step, 4);
    await makeRun(`${out}/tiny-2`, [], { ...tiny, init: `${out}/gone` });
    await assertRejects(() => find({ resume: `${out}/tiny-2` }), FileError, "gone/config.json': it does not exist");
  }));

Deno.test("a damaged checkpoint is a warning while there is an older one, and named when it is asked for", () =>
  inFolder(async (out) => {
    const run = await makeRun(`${out}/tiny`, [4, 6]);
    await Deno.truncate(`${run.checkpoints}/step-000006/model.safetensors`, 99);
    const { from, warnings } = await find({ resume: run.path });
    assertEquals([from?.checkpoint.step, warnings.length], [4, 1]);
    assertStringIncludes(warnings[0]!, "step-000006': model.safetensors must have the SHA-256");
    await assertRejects(() => find({ resume: run.final }), FileError, "model.safetensors must have the SHA-256");
  }));

Deno.test("places without a run, and runs with a config that is none, are refused by their paths", () =>
  inFolder(async (out) => {
    await assertRejects(() => find({ resume: `${out}/none` }), FileError, "found no config.json in it; check the path");
    const run = await makeRun(`${out}/tiny`, [4]);
    await Deno.writeTextFile(run.config, '{"steps": "many"}');
    const error = await assertRejects(() => find({ resume: run.path }), FileError);
    assertStringIncludes(error.message, `Cannot read '${run.config}': it must be the config of a run, found:`);
    assertStringIncludes(error.message, "'steps': must be");
  }));

Deno.test("a new run takes a free name, and never the name of another", () =>
  inFolder(async (out) => {
    const path = (options: PretrainOptions) => newPath(resolveConfig({ ...tiny, out, ...options }));
    assertEquals(await path({ name: "mine" }), `${out}/mine`);
    await makeRun(`${out}/mine`, []);
    await assertRejects(() => path({ name: "mine" }), UsageError, "there must be none, found one");
    await assertRejects(() => path({ name: "tokens" }), UsageError, "choose another --name");
    await makeRun(`${out}/tiny-3`, []);
    assertEquals(await path({}), `${out}/tiny-4`);
  }));
