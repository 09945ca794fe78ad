import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { RunDirectory } from "../../lib/io/run_directory.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("a run is begun once and then returned to, with its configuration", () =>
  inFolder(async (folder) => {
    const path = `${folder}/runs/first`;
    const created = await RunDirectory.create(`${path}/`, { steps: 10 }, { name: "cpu" });
    assertEquals(created.path, path);
    const names = Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
    assertEquals(names, ["adapter.json", "checkpoints", "config.json"]);
    assertEquals(await (await RunDirectory.open(path)).readConfig(), { steps: 10 });
    assertEquals(JSON.parse(await Deno.readTextFile(created.adapter)), { name: "cpu" });
    await assertRejects(() => RunDirectory.create(path, { steps: 20 }, {}), FileError, "it must be new, found a run");
    assertEquals(await created.readConfig(), { steps: 10 });
  }));

Deno.test("what is no run, or cannot be one, is refused", () =>
  inFolder(async (folder) => {
    await assertRejects(() => RunDirectory.open(folder), FileError, "found no config.json in it");
    await assertRejects(() => RunDirectory.open(`${folder}/none`), FileError, "found no config.json in it");
    await Deno.writeTextFile(`${folder}/file`, "");
    const create = () => RunDirectory.create(`${folder}/file/run`, {}, {});
    await assertRejects(create, FileError, "a part of the path is a file, not a folder");
  }));
