import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { executeNotebook } from "../../lib/io/jupyter/execute.ts";
import type { CodeCell, Output } from "../../lib/notebook/document.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { notebookOf } from "../notebook/notebook_of.ts";

/** Runs cells in a kernel of their own and returns the outputs of each. */
async function outputsOf(...sources: string[]): Promise<Output[][]> {
  const { cells } = await executeNotebook(notebookOf(...sources), `${Deno.cwd()}/none.ipynb`, { timeout: 120 });
  return cells.map((cell) => (cell as CodeCell).outputs);
}

/** A picture among the outputs: the text beside it, and whether it has all three forms. */
function pictureIn(outputs: readonly Output[]): { text: string; whole: boolean } {
  const found = outputs.find((output) => "data" in output && "image/svg+xml" in output.data);
  assert(found && "data" in found);
  return { text: String(found.data["text/plain"]), whole: "image/png" in found.data };
}

/** What a cell printed. */
function printedIn(outputs: readonly Output[]): string {
  return outputs.map((output) => output.output_type === "stream" ? output.text : "").join("");
}

Deno.test("runs that no cell waits for are stopped from another cell, with a checkpoint, and do not fail unseen", async () => {
  await inFolder(async (out) => {
    const cells = ["cpu", "webgpu"].flatMap((device) => {
      const options = JSON.stringify({
        ...{
          preset: "tiny",
          vocabulary: 320,
          steps: 1_000_000,
          batch: 4,
          corpus: "README.md",
          device,
          name: device,
          out,
        },
        ...{ logEvery: 5, evalEvery: 0, checkpointEvery: 0 },
      });
      return [
        `var run = watch((signal) => pretrain(${options}, { signal })); run.state`,
        `while (run.rows.length < 2) await new Promise((resume) => setTimeout(resume, 10));`,
        `run.stop(); console.log(run.state)`,
        `const { rows, stopped } = await run; console.log(stopped, rows.length >= 2); await run`,
      ];
    });
    const [, ...outputs] = await outputsOf(
      `import { pretrain } from "./mod.ts"; import { watch } from "./notebook.ts";`,
      ...cells,
      `run = watch(async function* () { yield { epoch: 1 }; throw new Error("no more memory"); });`,
      `while (run.state === "running") await new Promise((resume) => setTimeout(resume, 10));`,
    );
    for (const [i, device] of ["cpu", "webgpu"].entries()) {
      const [begun, , stopping, ended] = outputs.slice(4 * i) as [Output[], Output[], Output[], Output[]];
      // The picture of the first cell was replaced while others ran, the last time by the whole bundle.
      assertStringIncludes(pictureIn(begun).text, "stopped after");
      assert(pictureIn(begun).whole && pictureIn(ended).whole);
      assertEquals([stopping, ended].map(printedIn), ["stopping\n", "true true\n"]);
      assertEquals(Array.from(Deno.readDirSync(`${out}/${device}/checkpoints`)).length, 1);
    }
    assertStringIncludes(pictureIn(outputs[8]!).text, "failed after 0:00: no more memory");
  });
});
