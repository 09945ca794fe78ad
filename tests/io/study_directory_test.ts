import { assertEquals } from "@std/assert";
import { StudyDirectory } from "../../lib/io/study_directory.ts";
import { inFolder } from "./temporary_folder.ts";

Deno.test("rows that are added at once are all there", () =>
  inFolder(async (folder) => {
    const writers = [1, 2, 3].map(async (writer) => {
      const directory = new StudyDirectory(folder);
      for (let steps = 0; steps < 40; steps++) await directory.addResult({ writer, steps });
    });
    await Promise.all(writers);
    const rows = await new StudyDirectory(folder).readResults<{ writer: number; steps: number }>("steps");
    assertEquals(Map.groupBy(rows, ({ writer }) => writer).size, 3);
    assertEquals(rows.length, 120);
  }));
