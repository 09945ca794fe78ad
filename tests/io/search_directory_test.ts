import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { SearchDirectory } from "../../lib/io/search_directory.ts";
import { inFolder } from "./temporary_folder.ts";

const rows = [1, 2, 3].map((evaluation) => ({ evaluation, fitness: 1 / evaluation }));

Deno.test("rows come back, and only those that are not known are appended", () =>
  inFolder(async (folder) => {
    const directory = new SearchDirectory(`${folder}/search/`);
    assertEquals([directory.path, await directory.begun(), await directory.readRows()], [
      `${folder}/search`,
      false,
      [],
    ]);
    {
      using _claim = await directory.claim();
      await directory.begin({ seed: 1 });
      using log = await directory.openRows<typeof rows[number]>([]);
      for (const row of rows.slice(0, 2)) await log.append(row);
    }
    await Deno.writeTextFile(directory.rows, '{"evaluation":3,"fi', { append: true });
    assertEquals([await directory.begun(), await directory.readConfig()], [true, { seed: 1 }]);
    const known = await directory.readRows<typeof rows[number]>();
    assertEquals(known, rows.slice(0, 2));
    using log = await directory.openRows(known);
    for (const row of rows) await log.append(row);
    await log.sync();
    assertEquals(await Deno.readTextFile(directory.rows), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    await assertRejects(() => log.append({ evaluation: 2, fitness: 7 }), FileError, "line 2 must be the row that this");
  }));

Deno.test("a search does not begin over anything that is there", () =>
  inFolder(async (folder) => {
    for (const name of ["config.json", "search.jsonl", "best.json", "pareto.json", "search.svg"]) {
      const directory = new SearchDirectory(`${folder}/${name}`);
      await Deno.mkdir(directory.path);
      await Deno.writeTextFile(`${directory.path}/${name}`, "mine");
      await assertRejects(() => directory.begin({}), FileError, `${name}': it must be new, found it there already`);
      assertEquals(await Deno.readTextFile(`${directory.path}/${name}`), "mine");
    }
  }));

Deno.test("one search at a time is in a directory", () =>
  inFolder(async (folder) => {
    const directory = new SearchDirectory(folder);
    {
      using _claim = await directory.claim();
      await assertRejects(() => directory.claim(), FileError, "another process searches in it");
    }
    using _again = await directory.claim();
  }));

Deno.test("a row that is missing is named by its line", () =>
  inFolder(async (folder) => {
    const directory = new SearchDirectory(folder);
    await Deno.writeTextFile(directory.rows, '{"evaluation":1}\n{"evaluation":3}\n');
    await assertRejects(() => directory.readRows(), FileError, "line 2 must be that of evaluation 2, found 3");
  }));
