import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Checkpoint, latestCheckpoint, readCheckpoint, writeCheckpoint } from "../../lib/io/checkpoint.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { RunDirectory } from "../../lib/io/run_directory.ts";
import { checkpointAfter } from "./checkpoint_after.ts";
import { inFolder } from "./temporary_folder.ts";

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

/** Begins a run in a folder of its own and writes a checkpoint after each of the steps. */
async function inRun(steps: readonly number[], action: (run: RunDirectory) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const run = await RunDirectory.create(`${folder}/run`, {}, {});
    for (const step of steps) await writeCheckpoint(run, checkpointAfter(step));
    await action(run);
  });
}

/** Flips one bit in the middle of a file. */
async function damage(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await Deno.writeFile(path, bytes);
}

Deno.test("a checkpoint comes back bit for bit, and is a Hugging Face folder under the name final", () =>
  inRun([500], async (run) => {
    const written = checkpointAfter(500);
    assertEquals(await readCheckpoint(`${run.checkpoints}/step-000500`), written);
    assertEquals(await Deno.readLink(run.final), "checkpoints/step-000500");
    const { config, parameters, tokenizerJson } = written;
    assertEquals(await readModelFolder(run.final), { config, parameters, tokenizerJson });
    assertEquals(names(run.final), [
      "config.json",
      "model.safetensors",
      "optimizer.safetensors",
      "tokenizer.json",
      "trainer.json",
    ]);
  }));

Deno.test("a projection and what a student was cut out of come back too, and neither is a weight of the model", () =>
  inRun([], async (run) => {
    const values = (first: number) => Float32Array.from({ length: 6 }, (_, i) => first + i);
    const projection = { shape: [3, 2], values: values(0), first: values(10), second: values(20) };
    const written = { ...checkpointAfter(2), projection, subnetJson: { teacher: "a", width: [1, 2] } };
    const folder = await writeCheckpoint(run, written);
    assertEquals(await readCheckpoint(folder), written);
    const { parameters, subnetJson } = await readModelFolder(folder);
    assertEquals([[...parameters.keys()], subnetJson], [[...written.parameters.keys()], written.subnetJson]);
    await damage(`${folder}/subnet.json`);
    await assertRejects(() => readCheckpoint(folder), FileError, "subnet.json must have the SHA-256");
  }));

Deno.test("the same state gives the same bytes, whenever and wherever it is written", () =>
  inRun([3], (one) =>
    inRun([3], async (two) => {
      for (const file of names(one.final)) {
        assertEquals(await Deno.readFile(`${one.final}/${file}`), await Deno.readFile(`${two.final}/${file}`), file);
      }
    })));

for (const file of ["model.safetensors", "optimizer.safetensors", "trainer.json", "config.json", "tokenizer.json"]) {
  Deno.test(`a damaged ${file} is refused by name, and the checkpoint before it is the latest`, () =>
    inRun([1, 2], async (run) => {
      const folder = `${run.checkpoints}/step-000002`;
      await damage(`${folder}/${file}`);
      const error = await assertRejects(() => readCheckpoint(folder), FileError);
      assertStringIncludes(error.message, folder);
      assertStringIncludes(error.message, file);
      const latest = await latestCheckpoint(run);
      assertEquals(latest?.checkpoint, checkpointAfter(1));
      assertEquals(latest?.refused, [error.message]);
    }));
}

Deno.test("a trainer.json with another number in it is refused", () =>
  inRun([1], async (run) => {
    const path = `${run.final}/trainer.json`;
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"seed": 7', '"seed": 8'));
    const rule = "trainer.json must have the SHA-256 that it ends with; it is damaged";
    await assertRejects(() => readCheckpoint(run.final), FileError, rule);
  }));

Deno.test("a checkpoint that lacks a file is refused by name", () =>
  inRun([1], async (run) => {
    await Deno.remove(`${run.final}/optimizer.safetensors`);
    const read = () => readCheckpoint(`${run.checkpoints}/step-000001`);
    await assertRejects(read, FileError, "step-000001/optimizer.safetensors': it does not exist");
  }));

Deno.test("a run without checkpoints has no latest one, a run with none but damaged ones is an error", () =>
  inRun([], async (run) => {
    assertEquals(await latestCheckpoint(run), undefined);
    await writeCheckpoint(run, checkpointAfter(1));
    await damage(`${run.final}/model.safetensors`);
    await assertRejects(() => latestCheckpoint(run), FileError, "no checkpoint is intact: Cannot read");
  }));

Deno.test("steps are compared as numbers", () =>
  inRun([999_999, 1_000_000], async (run) => {
    assertEquals((await latestCheckpoint(run))?.checkpoint.step, 1_000_000);
  }));

Deno.test("a damaged checkpoint is replaced when the run comes by its step again", () =>
  inRun([1, 2], async (run) => {
    await damage(`${run.final}/model.safetensors`);
    await writeCheckpoint(run, checkpointAfter(2));
    assertEquals(await latestCheckpoint(run), {
      folder: `${run.checkpoints}/step-000002`,
      checkpoint: checkpointAfter(2),
      refused: [],
    });
    assertEquals(names(run.checkpoints), ["step-000001", "step-000002"]);
  }));

Deno.test("what killed writes left is passed over by readers and cleared by the next write", () =>
  inRun([1], async (run) => {
    await Deno.mkdir(`${run.checkpoints}/step-000002.partial`);
    await Deno.rename(`${run.checkpoints}/step-000001`, `${run.checkpoints}/step-000001.replaced`);
    const latest = await latestCheckpoint(run);
    assertEquals(latest?.checkpoint, checkpointAfter(1));
    assertEquals(names(run.checkpoints), ["step-000001.replaced", "step-000002.partial"]);
    await writeCheckpoint(run, checkpointAfter(3));
    assertEquals(names(run.checkpoints), ["step-000001", "step-000003"]);
  }));

Deno.test("keep leaves the newest checkpoints, and always the one just written", () =>
  inRun([1, 2, 5], async (run) => {
    await writeCheckpoint(run, checkpointAfter(6), { keep: 2 });
    assertEquals(names(run.checkpoints), ["step-000005", "step-000006"]);
    await writeCheckpoint(run, checkpointAfter(3), { keep: 1 });
    assertEquals(names(run.checkpoints), ["step-000003"]);
    assertEquals(await readCheckpoint(run.final), checkpointAfter(3));
    await assertRejects(
      () => writeCheckpoint(run, checkpointAfter(7), { keep: 0 }),
      RangeError,
      "'keep' must be at least 1",
    );
  }));

Deno.test("a write that fails half-way leaves every earlier checkpoint and no trace of itself", () =>
  inRun([1], async (run) => {
    const whole = checkpointAfter(2);
    const second = new Map(whole.moments.second);
    second.delete("embed_out.weight");
    const broken: Checkpoint = { ...whole, moments: { ...whole.moments, second } };
    await assertRejects(() => writeCheckpoint(run, broken), RangeError, "Cannot write 'v.embed_out.weight'");
    assertEquals(names(run.checkpoints), ["step-000001"]);
    assertEquals((await latestCheckpoint(run))?.checkpoint, checkpointAfter(1));
    assertEquals(await Deno.readLink(run.final), "checkpoints/step-000001");
  }));

Deno.test("a place that cannot be written to is one clear line", () =>
  inRun([], async (run) => {
    await Deno.remove(run.checkpoints);
    await Deno.writeTextFile(run.checkpoints, "");
    const error = await assertRejects(() => writeCheckpoint(run, checkpointAfter(1)), FileError);
    assertStringIncludes(error.message, "a part of the path is a file, not a folder; choose another folder");
    assert(!error.message.includes("\n"));
  }));

/** Runs the process that writes two checkpoints and returns how it ended. */
async function runWriter(folder: string, vocabularySize: number, options: { kill?: boolean; limit?: string } = {}) {
  const script = new URL("./checkpoint_writer.ts", import.meta.url).pathname;
  // The signal that goes with the limit would end the process before it could say why.
  const limit = options.limit ? `trap '' XFSZ; ulimit -f ${options.limit}; ` : "";
  const kill = options.kill ? ["kill"] : [];
  const { code, signal, stderr } = await new Deno.Command("sh", {
    args: [
      "-c",
      `${limit}exec "$@"`,
      "sh",
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      "--no-code-cache",
      script,
      folder,
      `${vocabularySize}`,
      ...kill,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, signal, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a process killed while it writes a checkpoint leaves the one before it intact", () =>
  inFolder(async (folder) => {
    const { signal } = await runWriter(`${folder}/run`, 320, { kill: true });
    assertEquals(signal, "SIGKILL");
    const run = await RunDirectory.open(`${folder}/run`);
    assertEquals(names(run.checkpoints), ["step-000001", "step-000002.partial"]);
    assertEquals((await latestCheckpoint(run))?.checkpoint, checkpointAfter(1));
    await writeCheckpoint(run, checkpointAfter(2));
    assertEquals(names(run.checkpoints), ["step-000001", "step-000002"]);
  }));

Deno.test("a process that runs out of space while it writes a checkpoint says so and leaves the one before it", () =>
  inFolder(async (folder) => {
    const { code, stderr } = await runWriter(`${folder}/run`, 4000, { limit: "400" });
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "step-000002.partial/model.safetensors': File too large",
    );
    const run = await RunDirectory.open(`${folder}/run`);
    assertEquals(names(run.checkpoints), ["step-000001"]);
    assertEquals((await latestCheckpoint(run))?.checkpoint, checkpointAfter(1));
  }));
