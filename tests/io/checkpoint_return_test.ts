import { assertEquals, assertRejects } from "@std/assert";
import { latestCheckpoint, readCheckpoint, writeCheckpoint } from "../../lib/io/checkpoint.ts";
import { returnTo } from "../../lib/io/checkpoint_return.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { RunDirectory } from "../../lib/io/run_directory.ts";
import { checkpointAfter } from "./checkpoint_after.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("a checkpoint that a run goes back to is the latest one; those after it are kept aside, each time", () =>
  inFolder(async (folder) => {
    const run = await RunDirectory.create(`${folder}/run`, {}, {});
    for (const step of [1, 2, 3]) await writeCheckpoint(run, checkpointAfter(step));
    const first = `${run.checkpoints}/step-000001`;
    const aside = [2, 3].map((step) => `${run.checkpoints}/step-00000${step}.aside`);
    assertEquals(await returnTo(run, first), aside);
    assertEquals((await latestCheckpoint(run))?.folder, first);
    assertEquals(await Deno.readLink(run.final), "checkpoints/step-000001");
    assertEquals(await readCheckpoint(aside[1]!), checkpointAfter(3));

    await writeCheckpoint(run, checkpointAfter(2), { keep: 1 });
    await writeCheckpoint(run, checkpointAfter(1));
    assertEquals(await returnTo(run, first), [`${aside[0]}2`]);
    assertEquals(await readCheckpoint(aside[0]!), checkpointAfter(2));
  }));

Deno.test("going back to the newest checkpoint moves nothing, and finishes what was interrupted", () =>
  inFolder(async (folder) => {
    const run = await RunDirectory.create(`${folder}/run`, {}, {});
    for (const step of [1, 2]) await writeCheckpoint(run, checkpointAfter(step));
    const newest = `${run.checkpoints}/step-000002`;
    await Deno.rename(newest, `${newest}.replaced`);
    assertEquals(await returnTo(run, `${newest}.replaced`), []);
    assertEquals((await latestCheckpoint(run))?.folder, newest);
  }));

Deno.test("a checkpoint under another name, as one put aside has, is refused before anything changes", () =>
  inFolder(async (folder) => {
    const run = await RunDirectory.create(`${folder}/run`, {}, {});
    for (const step of [5, 7, 10]) await writeCheckpoint(run, checkpointAfter(step));
    const [aside] = await returnTo(run, `${run.checkpoints}/step-000007`);
    await Deno.rename(`${run.checkpoints}/step-000005`, `${run.checkpoints}/best`);
    const before = () => Array.from(Deno.readDirSync(run.checkpoints), ({ name }) => name).sort();
    const names = before();
    const refused = (path: string, message: string) =>
      assertRejects(() => returnTo(run, path), FileError, `Cannot read '${path}': it must be one of ${message}`);
    await refused(
      aside!,
      "the run's checkpoints, found one that was put aside; rename it to step-000010, once that name is free",
    );
    await refused(
      `${run.checkpoints}/best`,
      "the run's checkpoints, found 'best'; rename it to step- and the number of its step, once that name is free",
    );
    assertEquals(before(), names);
    assertEquals(await Deno.readLink(run.final), "checkpoints/step-000007");

    await Deno.rename(aside!, `${run.checkpoints}/step-000010`);
    assertEquals(await returnTo(run, `${run.checkpoints}/step-000010`), []);
    assertEquals((await latestCheckpoint(run))?.checkpoint, checkpointAfter(10));
  }));
