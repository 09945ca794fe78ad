import { readLog, stripTimes } from "../../lib/io/run_log.ts";
import { listCheckpoints } from "../../lib/io/checkpoint_folders.ts";
import { hashFile } from "../../lib/io/files.ts";
import { runTask, type TaskResult } from "../tasks/run_task.ts";

/** The corpus of the runs in these tests. */
export const corpus = new URL("../../fixtures/speeches.jsonl", import.meta.url).pathname;

/** Steps of a run in these tests, and between its checkpoints. */
export const STEPS = 48, BETWEEN = 8;

/** Flags of a run that takes a second or two: log rows, validations and checkpoints fall on different steps. */
export const tinyFlags: readonly string[] = Object.entries({
  preset: "tiny",
  corpus,
  batch: 8,
  "micro-batch": 4,
  steps: STEPS,
  "checkpoint-every": BETWEEN,
  "log-every": 5,
  "eval-every": 12,
  "eval-tokens": 256,
  "sample-tokens": 4,
  keep: 0,
}).flatMap(([flag, value]) => [`--${flag}`, `${value}`]);

/** Runs `deno task pretrain` with the tiny flags and those given. */
export async function pretrainTiny(...flags: string[]): Promise<TaskResult> {
  return await runTask("pretrain", [...tinyFlags, ...flags]);
}

/** What two runs must agree in: the log without times, and the hash of every file of every checkpoint. */
export interface Outcome {
  readonly log: string[];
  readonly checkpoints: Record<string, Record<string, string>>;
}

/** Reads what a run left. */
export async function outcomeOf(run: string): Promise<Outcome> {
  const rows = await readLog(`${run}/log.jsonl`);
  const checkpoints: Outcome["checkpoints"] = {};
  for (const folder of await listCheckpoints(`${run}/checkpoints`)) {
    checkpoints[folder.split("/").at(-1)!] = await hashesOf(folder);
  }
  return { log: rows.map((row) => JSON.stringify(stripTimes(row))), checkpoints };
}

/** Hashes the files of a folder. */
export async function hashesOf(folder: string): Promise<Record<string, string>> {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hashFile(`${folder}/${name}`)])));
}
