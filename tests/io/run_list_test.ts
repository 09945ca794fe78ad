import { assertEquals } from "@std/assert";
import { listRuns } from "../../lib/io/run_list.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("a name and its numbers are listed in the order of the numbers, and nothing else is", () =>
  inFolder(async (folder) => {
    for (const name of ["run-10", "run", "run-2", "run-02", "run-x", "runner", "other", "run-2-3"]) {
      await Deno.mkdir(`${folder}/${name}`);
    }
    const found = await listRuns(folder, "run");
    assertEquals(found.map(({ number }) => number), [1, 2, 10]);
    assertEquals(found.map(({ path }) => path), ["run", "run-2", "run-10"].map((name) => `${folder}/${name}`));
  }));

Deno.test("a folder that is not there has no runs", () =>
  inFolder(async (folder) => {
    assertEquals(await listRuns(`${folder}/none`, "run"), []);
  }));
