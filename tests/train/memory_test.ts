import { assertEquals, assertThrows } from "@std/assert";
import { DeviceError } from "../../lib/devices/errors.ts";
import { openDevice } from "../../lib/devices/mod.ts";
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
