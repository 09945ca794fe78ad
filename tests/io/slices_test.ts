import { assertEquals, assertThrows } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { SliceFile } from "../../lib/io/slices.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("slices of a file are read in any order", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/letters`, "abcdefgh");
    using file = new SliceFile(`${folder}/letters`);
    const read = (start: number, length: number) => new TextDecoder().decode(file.read(start, length));
    assertEquals([read(6, 2), read(0, 3), read(2, 4), read(8, 0)], ["gh", "abc", "cdef", ""]);
  }));

Deno.test("a file that is not there or ends too early is one clear line", () =>
  inFolder(async (folder) => {
    const path = `${folder}/letters`;
    assertThrows(() => new SliceFile(path), FileError, `Cannot read '${path}': it does not exist; check the path`);
    await Deno.writeTextFile(path, "abc");
    using file = new SliceFile(path);
    assertThrows(() => file.read(2, 3), FileError, `Cannot read '${path}': it must have at least 5 bytes, found 3`);
    using directory = new SliceFile(folder);
    assertThrows(() => directory.read(0, 1), FileError, "it is a folder, not a file");
  }));
