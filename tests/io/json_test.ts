import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { writeNew } from "../../lib/io/files.ts";
import { jsonText, readJson } from "../../lib/io/json.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("JSON files come back, and what is not JSON is refused in one line", () =>
  inFolder(async (folder) => {
    await writeNew(`${folder}/a.json`, jsonText({ b: [1, null] }));
    assertEquals(await readJson(`${folder}/a.json`), { b: [1, null] });
    await writeNew(`${folder}/a.json`, '{\n  "b": x\n}');
    const error = await assertRejects(() => readJson(`${folder}/a.json`), FileError, "it must be JSON");
    assertStringIncludes(error.message, `${folder}/a.json`);
    assert(!error.message.includes("\n"));
  }));
