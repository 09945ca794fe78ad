import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { exists } from "../../lib/io/files.ts";
import { readLog, stripTimes } from "../../lib/io/run_log.ts";
import type { ActivationValues } from "../../lib/model/activations.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { loadModel } from "../../lib/io/model_folder.ts";
import { capture } from "../../lib/model/forward.ts";
import type { PretrainOptions } from "../../lib/train/config.ts";
import { pretrain } from "../../lib/train/pretrain.ts";
import { corpus } from "../integration/tiny_run.ts";
import { inFolder } from "../io/temporary_folder.ts";

const options: PretrainOptions = {
  ...{ preset: "tiny", corpus, batch: 4, steps: 8, evalEvery: 4, evalTokens: 256, device: "cpu", threads: 1 },
  ...{ checkpointEvery: 0, logEvery: 2 },
};

Deno.test("a probe is told of its activations at every validation, and the run takes no notice", () =>
  inFolder(async (out) => {
    const steps: number[] = [];
    const seen: ReadonlyMap<string, ActivationValues>[] = [];
    const captured = (step: number, activations: ReadonlyMap<string, ActivationValues>) => {
      steps.push(step);
      seen.push(activations);
    };
    const probe = { capture: ["blocks.1.attention", "blocks.0"], captured };
    await Array.fromAsync(pretrain({ ...options, out, name: "with" }, { probe }));
    await Array.fromAsync(pretrain({ ...options, out, name: "without" }));
    assertEquals(steps, [4, 8]);
    const shapes = Array.from(seen[0]!, ([name, { shape }]) => [name, shape]);
    assertEquals(shapes, [["blocks.1.attention", [32, 16]], ["blocks.0", [32, 16]]]);
    assertNotEquals(seen[0], seen[1], "the model has learnt in between");
    const logs = await Promise.all(["with", "without"].map((name) => readLog(`${out}/${name}/log.jsonl`)));
    assertEquals(logs[0]!.map(stripTimes), logs[1]!.map(stripTimes));
  }));

Deno.test("a probe's own tokens are read, and the last step's activations are those of the final model", () =>
  inFolder(async (out) => {
    const tokens = [[5, 9, 2, 44]];
    let last: ReadonlyMap<string, ActivationValues> | undefined;
    const probe = { capture: ["blocks.1"], tokens, captured: (_: number, all: typeof last) => void (last = all) };
    await Array.fromAsync(pretrain({ ...options, out, name: "own" }, { probe }));
    using device = await openDevice("cpu", { threads: 1 });
    using model = await loadModel(`${out}/own/final`, device);
    const expected = (await capture(model, tokens, ["blocks.1"])).get("blocks.1")!;
    assertEquals(last!.get("blocks.1"), { shape: [4, 16], values: expected });
  }));

Deno.test("a probe with a wrong name is refused before the first step", () =>
  inFolder(async (out) => {
    const probe = { capture: ["blocks.2.attention"], captured: () => {} };
    const run = () => Array.fromAsync(pretrain({ ...options, out, name: "wrong" }, { probe }));
    await assertRejects(
      run,
      RangeError,
      "Cannot capture 'blocks.2.attention': the model has the activations embedding",
    );
    assertEquals(await exists(`${out}/wrong/final`), false);
  }));
