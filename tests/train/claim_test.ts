import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { listRuns } from "../../lib/io/run_list.ts";
import { train } from "../../lib/train/pretrain.ts";
import { openRun } from "../../lib/train/run.ts";
import { inFolder } from "../io/temporary_folder.ts";

const corpus = new URL("../../fixtures/speeches.jsonl", import.meta.url).pathname;
const tiny = { preset: "tiny", corpus, batch: 4, evalTokens: 96, steps: 2, checkpointEvery: 1 } as const;

Deno.test("a run that is under way is refused to others, and free again once it has ended", () =>
  inFolder(async (out) => {
    const path = `${out}/one`;
    {
      using run = await openRun({ ...tiny, out, name: "one" });
      await train(run).next();
      const before = await Deno.readTextFile(`${path}/config.json`);
      const wanted = { resume: path, steps: 3 };
      await assertRejects(() => openRun(wanted), FileError, `Cannot write '${path}': another process trains in it`);
      assertEquals(await Deno.readTextFile(`${path}/config.json`), before);
    }
    using resumed = await openRun({ resume: path, steps: 3 });
    assertEquals(resumed.config.steps, 3);
  }));

Deno.test("runs that begin at once make their tokens once and take numbers of their own", () =>
  inFolder(async (out) => {
    const told: string[] = [];
    const notice = (line: string) => void told.push(line);
    const runs = await Promise.all([1, 2, 3].map(() => openRun({ ...tiny, out }, { notice })));
    for (const run of runs) run[Symbol.dispose]();
    assertEquals(
      runs.map(({ directory }) => directory.path).sort(),
      ["tiny", "tiny-2", "tiny-3"].map((n) => `${out}/${n}`),
    );
    assertEquals(told.filter((line) => line.startsWith("tokenizer: training")).length, 1);
    assertEquals((await listRuns(out, "tiny")).length, 3);
  }));
