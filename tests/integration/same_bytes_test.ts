import { assert, assertEquals } from "@std/assert";
import { stripTimes } from "../../lib/io/run_log.ts";
import { pretrain } from "../../lib/train/pretrain.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { BETWEEN, corpus, outcomeOf, pretrainTiny, STEPS } from "./tiny_run.ts";

Deno.test("two runs of one config agree in every byte, whatever they are called and wherever they lie", () =>
  inFolder(async (folder) => {
    const first = await pretrainTiny("--out", `${folder}/one place`, "--name", "first");
    const second = await pretrainTiny("--out", `${folder}/another`, "--name", "second", "--keep", "0", "--quiet");
    assertEquals([first.code, second.code], [0, 0], first.stderr + second.stderr);
    const outcome = await outcomeOf(`${folder}/one place/first`);
    assertEquals(await outcomeOf(`${folder}/another/second`), outcome);
    assertEquals(Object.keys(outcome.checkpoints).length, STEPS / BETWEEN);

    const options = {
      preset: "tiny",
      corpus,
      batch: 8,
      microBatch: 4,
      steps: STEPS,
      checkpointEvery: BETWEEN,
    } as const;
    const measured = { logEvery: 5, evalEvery: 12, evalTokens: 256, sampleTokens: 4, keep: 0 } as const;
    const rows = await Array.fromAsync(pretrain({ ...options, ...measured, out: `${folder}/in this process` }));
    assertEquals(rows.map((row) => JSON.stringify(stripTimes(row))), outcome.log);
    assertEquals(await outcomeOf(`${folder}/in this process/tiny`), outcome);
  }));

Deno.test("another seed gives other weights, which are trained on other batches", () =>
  inFolder(async (folder) => {
    const losses = [];
    for (const seed of [1, 2]) {
      const run = pretrain({ preset: "tiny", corpus, batch: 4, steps: 2, seed, out: folder });
      losses.push((await Array.fromAsync(run)).map(({ loss }) => loss));
    }
    assert(losses[0]![0] !== losses[1]![0] && losses[0]![1] !== losses[1]![1], `found ${losses}`);
  }));
