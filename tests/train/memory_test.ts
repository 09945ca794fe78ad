import { assert, assertEquals, assertThrows } from "@std/assert";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { DeviceError } from "../../lib/devices/errors.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { writeModelFolder } from "../../lib/io/huggingface.ts";
import { initialise } from "../../lib/model/initialise.ts";
import { countParameters } from "../../lib/model/parameters.ts";
import { presets } from "../../lib/model/presets.ts";
import { modelConfig, resolveConfig } from "../../lib/train/config.ts";
import { estimateMemory } from "../../lib/train/memory.ts";
import { train } from "../../lib/train/pretrain.ts";
import { openRun } from "../../lib/train/run.ts";
import { inFolder } from "../io/temporary_folder.ts";

const corpus = new URL("../../fixtures/speeches.jsonl", import.meta.url).pathname;
const tiny = { preset: "tiny", corpus, batch: 6, microBatch: 3, evalTokens: 96, steps: 9 } as const;

Deno.test("the estimate is what a run has allocated once its first step is under way", () =>
  inFolder(async (out) => {
    using run = await openRun({ ...tiny, out });
    const memory = estimateMemory(run.device, run.model.config, run.config);
    assertEquals(run.device.counters.bytes, memory.totalBytes - uploads(memory.transferBytes));
    await train(run).next();
    assertEquals(run.device.counters.bytes, memory.totalBytes);
  }));

Deno.test("so it is for a student with a teacher, which in part of its steps goes without", () =>
  inFolder(async (out) => {
    const json = trainTokenizer([await Deno.readTextFile(corpus)], { vocabularySize: 300 });
    const config = { ...presets.tiny.config, vocabularySize: 300, width: 24, heads: 3, layers: 3 };
    const teacher = `${out}/teacher`;
    await writeModelFolder(teacher, { config, parameters: initialise(config, 1), tokenizerJson: json });
    for (const [distilUntil, gamma] of [[0.5, 0], [1, 0], [0.5, 0.3]] as const) {
      using run = await openRun({ ...tiny, out, teacher, distilUntil, gamma });
      const { hidden } = run;
      assertEquals(hidden !== undefined, gamma > 0);
      const memory = estimateMemory(run.device, run.model.config, run.config, Infinity, { config, hidden });
      assertEquals(run.device.counters.bytes, memory.totalBytes - uploads(memory.transferBytes));
      await train(run).next();
      assertEquals(run.device.counters.bytes, memory.totalBytes);
      const alone = estimateMemory(run.device, run.model.config, run.config);
      assert(memory.persistentBytes - alone.persistentBytes >= 4 * countParameters(config));
      const { totalBytes } = memory;
      assertThrows(
        () => estimateMemory(run.device, run.model.config, run.config, totalBytes - 1, { config, hidden }),
        DeviceError,
      );
    }
  }));

/** The buffer of uploads, a power of two, without the rings of results. */
function uploads(transferBytes: number): number {
  return 2 ** Math.floor(Math.log2(transferBytes));
}

Deno.test("memory that does not suffice is refused with what is needed, what there is, and what to lower", async () => {
  using device = await openDevice("webgpu");
  const config = resolveConfig(tiny);
  const { totalBytes } = estimateMemory(device, modelConfig(config), config);
  estimateMemory(device, modelConfig(config), config, totalBytes);
  assertThrows(
    () => estimateMemory(device, modelConfig(config), config, totalBytes - 1),
    DeviceError,
    "Cannot allocate this run: lower --micro-batch, --sequence or the model's size: ",
  );
  assertEquals(device.counters.bytes, 0);
});

Deno.test("sizes that would exhaust the process are refused before they are recorded", async () => {
  using device = await openDevice("webgpu");
  for (const sizes of [{ batch: 1e9, microBatch: 1e9 }, { width: 1e9 }, { vocabulary: 1e12 }, { mlpWidth: 1e12 }]) {
    const config = resolveConfig({ preset: "tiny", ...sizes });
    const estimate = () => estimateMemory(device, modelConfig(config), config);
    assertThrows(
      estimate,
      DeviceError,
      "Cannot allocate this run: lower --micro-batch, --sequence or the model's size",
    );
  }
});

Deno.test("no run needs less than what is refused at once", async () => {
  using device = await openDevice("webgpu");
  for (const sizes of [{ layers: 1 }, { layers: 9, vocabulary: 257 }, { parallelResidual: false }, { mlpWidth: 1 }]) {
    const config = resolveConfig({ preset: "tiny", microBatch: 8, batch: 8, ...sizes });
    const { totalBytes } = estimateMemory(device, modelConfig(config), config);
    estimateMemory(device, modelConfig(config), config, totalBytes);
  }
});
