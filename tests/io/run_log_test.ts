import { assertEquals, assertRejects } from "@std/assert";
import { FileError } from "../../lib/io/file_error.ts";
import { type LogRow, readLog, RunLog, stripTimes } from "../../lib/io/run_log.ts";
import { inFolder } from "./temporary_folder.ts";

const row = (step: number): LogRow => ({ step, loss: 1 / (step + 1), elapsed_s: 0.5 * step });

async function appendRows(log: RunLog, first: number, last: number): Promise<void> {
  for (let step = first; step <= last; step++) await log.append(row(step));
  await log.sync();
}

Deno.test("rows come back in order", () =>
  inFolder(async (folder) => {
    assertEquals(await readLog(`${folder}/log.jsonl`), []);
    using log = await RunLog.create(`${folder}/log.jsonl`);
    await appendRows(log, 0, 3);
    assertEquals(await readLog(`${folder}/log.jsonl`), [0, 1, 2, 3].map(row));
  }));

Deno.test("a log that was interrupted and resumed has the bytes of one that was not", () =>
  inFolder(async (folder) => {
    using whole = await RunLog.create(`${folder}/whole`);
    await appendRows(whole, 0, 9);
    using killed = await RunLog.create(`${folder}/resumed`);
    await appendRows(killed, 0, 7);
    await Deno.writeTextFile(`${folder}/resumed`, '{"step":8,"lo', { append: true });
    using resumed = await RunLog.resume(`${folder}/resumed`, 5);
    await appendRows(resumed, 6, 9);
    assertEquals(await Deno.readTextFile(`${folder}/resumed`), await Deno.readTextFile(`${folder}/whole`));
  }));

Deno.test("a run without a checkpoint begins its log again", () =>
  inFolder(async (folder) => {
    using killed = await RunLog.create(`${folder}/log`);
    await appendRows(killed, 0, 2);
    using resumed = await RunLog.resume(`${folder}/log`, -1);
    await appendRows(resumed, 0, 0);
    assertEquals(await readLog(`${folder}/log`), [row(0)]);
  }));

Deno.test("a log that is there is not begun again", () =>
  inFolder(async (folder) => {
    using log = await RunLog.create(`${folder}/log`);
    await appendRows(log, 0, 0);
    await assertRejects(() => RunLog.create(`${folder}/log`), FileError, "it must be new");
    assertEquals(await readLog(`${folder}/log`), [row(0)]);
  }));

Deno.test("a damaged line is named, and the log stays as it is", () =>
  inFolder(async (folder) => {
    const text = '{"step":0}\n{"stop":1}\n{"step":2}\n';
    await Deno.writeTextFile(`${folder}/log`, text);
    const rule = `line 2 must be a JSON object with a whole number 'step', found {"stop":1}`;
    await assertRejects(() => RunLog.resume(`${folder}/log`, 2), FileError, rule);
    assertEquals(await Deno.readTextFile(`${folder}/log`), text);
  }));

Deno.test("stripTimes() takes away what differs between two runs, and nothing else", () => {
  assertEquals(stripTimes({ step: 1, loss: 2, tokens_per_s: 3, step_ms: 4, elapsed_s: 5 }), { step: 1, loss: 2 });
});
