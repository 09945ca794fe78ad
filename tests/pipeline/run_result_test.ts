import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Result } from "../../lib/pipeline/result.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { pretrainTiny } from "../integration/tiny_run.ts";
import { runTask } from "../tasks/run_task.ts";

Deno.test("a run's result tells the held-out tokens that were predicted, and the command that predicts them again", () =>
  inFolder(async (out) => {
    // Three windows of 32 tokens a pass: of the four windows that 132 tokens hold, one pass takes three.
    const flags = ["--batch", "3", "--micro-batch", "3", "--steps", "2", "--warmup", "0", "--eval-tokens", "132"];
    const { code, stdout, stderr } = await pretrainTiny("--out", out, "--name", "few", ...flags);
    assertEquals([code, stderr], [0, ""]);
    const { heldOut, student }: Result = JSON.parse(await Deno.readTextFile(`${out}/few/result.json`));
    assertEquals(heldOut, 96);
    assertStringIncludes(await Deno.readTextFile(`${out}/few/report.html`), "On 96 held-out tokens.");
    assertMatch(stdout, /; the same again: deno task evaluate .* --tokens 96$/m);
    const { stdout: again } = await runTask("evaluate", [`${out}/few/final`, "--tokens", "96", "--out", out, "--json"]);
    const { tokens, loss } = JSON.parse(again);
    assertEquals([tokens, loss], [heldOut, student.loss]);
  }));
