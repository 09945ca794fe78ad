import { assert, assertEquals, assertRejects } from "@std/assert";
import { linkAtomically, restoreReplaced, writeAtomically, writeFolderAtomically } from "../../lib/io/atomic.ts";
import { FileError } from "../../lib/io/file_error.ts";
import { exists, writeNew } from "../../lib/io/files.ts";
import { readJson } from "../../lib/io/json.ts";
import { inFolder } from "./temporary_folder.ts";

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("writeAtomically() replaces a file and leaves no temporary name", () =>
  inFolder(async (folder) => {
    await writeAtomically(`${folder}/a`, "old, and longer");
    await writeAtomically(`${folder}/a`, "new");
    assertEquals(await Deno.readTextFile(`${folder}/a`), "new");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("writeAtomically() keeps the old file where the new one cannot be renamed into place", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a/full`, { recursive: true });
    await assertRejects(() => writeAtomically(`${folder}/a`, "new"), FileError, "it is a folder, not a file");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("a path through a file is one clear line", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assertRejects(() => writeAtomically(`${folder}/file/a`, "b"), FileError, "a part of the path is a file");
    await assertRejects(() => writeFolderAtomically(`${folder}/file/a`, noFiles), FileError, "a part of the path");
    await assertRejects(() => readJson(`${folder}/file/a`), FileError, `Cannot read '${folder}/file/a'`);
  }));

async function noFiles(): Promise<void> {}

Deno.test("writeFolderAtomically() replaces a folder as a whole", () =>
  inFolder(async (folder) => {
    await writeFolderAtomically(`${folder}/a`, async (partial) => void await writeNew(`${partial}/one`, "1"));
    await writeFolderAtomically(`${folder}/a/`, async (partial) => void await writeNew(`${partial}/two`, "2"));
    assertEquals(names(folder), ["a"]);
    assertEquals(names(`${folder}/a`), ["two"]);
  }));

Deno.test("writeFolderAtomically() keeps the old folder when filling the new one fails half-way", () =>
  inFolder(async (folder) => {
    await writeFolderAtomically(`${folder}/a`, async (partial) => void await writeNew(`${partial}/one`, "1"));
    const fail = async (partial: string) => {
      await writeNew(`${partial}/one`, "half");
      throw new RangeError("stopped");
    };
    await assertRejects(() => writeFolderAtomically(`${folder}/a`, fail), RangeError, "stopped");
    assertEquals(names(folder), ["a"]);
    assertEquals(await Deno.readTextFile(`${folder}/a/one`), "1");
  }));

Deno.test("writeFolderAtomically() takes no file from what an interrupted write left", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a.partial`);
    await Deno.writeTextFile(`${folder}/a.partial/stray`, "");
    await writeFolderAtomically(`${folder}/a`, async (partial) => void await writeNew(`${partial}/one`, "1"));
    assertEquals(names(folder), ["a"]);
    assertEquals(names(`${folder}/a`), ["one"]);
  }));

Deno.test("a folder whose replacement was interrupted between the renames is put back", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a.replaced/old`, { recursive: true });
    await restoreReplaced(`${folder}/a`);
    assertEquals(names(folder), ["a"]);
    assertEquals(names(`${folder}/a`), ["old"]);
    await Deno.mkdir(`${folder}/a.replaced/older`, { recursive: true });
    await restoreReplaced(`${folder}/a`);
    assertEquals(names(folder), ["a"]);
    assertEquals(names(`${folder}/a`), ["old"]);
  }));

Deno.test("linkAtomically() moves a link, also one that points nowhere", () =>
  inFolder(async (folder) => {
    await linkAtomically(`${folder}/final`, "gone");
    assert(await exists(`${folder}/final`));
    await Deno.mkdir(`${folder}/there`);
    await linkAtomically(`${folder}/final`, "there");
    assertEquals(await Deno.readLink(`${folder}/final`), "there");
    assertEquals(names(folder), ["final", "there"]);
  }));
