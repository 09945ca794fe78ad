import { assert, assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { exists, hashFile, NewFile, writeNew } from "../../lib/io/files.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("a new file's hash is the SHA-256 of what was written, as is the hash of the file read again", () =>
  inFolder(async (folder) => {
    // The first test vector of FIPS 180-2.
    const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertEquals(await writeNew(`${folder}/a`, "abc"), expected);
    assertEquals(await hashFile(`${folder}/a`), expected);
    using file = await NewFile.create(`${folder}/b`);
    for (const letter of "abc") await file.write(new TextEncoder().encode(letter));
    assertEquals(await file.finish(), expected);
    assertEquals(await Deno.readTextFile(`${folder}/b`), "abc");
  }));

Deno.test("a full disk is one clear line", () =>
  inFolder(async (folder) => {
    await Deno.symlink("/dev/full", `${folder}/model`);
    const error = await assertRejects(() => writeNew(`${folder}/model`, "abc"), FileError);
    assertEquals(
      error.message,
      `Cannot write '${folder}/model': the disk is full; free some space or choose another folder`,
    );
  }));

Deno.test("exists() sees a link that points nowhere, and says in one line why it cannot look", () =>
  inFolder(async (folder) => {
    await Deno.symlink("nowhere", `${folder}/link`);
    assert(await exists(`${folder}/link`));
    assert(!await exists(`${folder}/nowhere`));
    assert(!await exists(`${folder}/link/nowhere`));
    const long = `${folder}/${"a".repeat(300)}`;
    const error = await assertRejects(() => exists(long), FileError);
    assertEquals(error.message, `Cannot read '${long}': the name is too long; choose a shorter one`);
  }));
