import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { executeNotebook } from "../../lib/io/jupyter/execute.ts";
import { readNotebook, writeNotebook } from "../../lib/io/jupyter/notebook_file.ts";
import type { CodeCell, Output } from "../../lib/notebook/document.ts";
import { inFolder } from "../io/temporary_folder.ts";
import { notebookOf } from "../notebook/notebook_of.ts";
import { runTask } from "../tasks/run_task.ts";

/** Outside of the project's folder a cell can import no module that needs a package. */
const MODULES = new URL("../../lib/io/jupyter", import.meta.url).href;

/** Runs cells in a kernel of their own and returns the outputs of each. */
async function outputsOf(...sources: string[]): Promise<Output[][]> {
  const { cells } = await executeNotebook(notebookOf(...sources), `${Deno.cwd()}/none.ipynb`);
  return cells.map((cell) => (cell as CodeCell).outputs);
}

/** Runs cells that must fail and returns the reason. */
async function failureOf(options: { timeout?: number }, ...sources: string[]): Promise<string> {
  const run = () => executeNotebook(notebookOf(...sources), `${Deno.cwd()}/none.ipynb`, options);
  const { message } = await assertRejects(run, Error, `Cannot run '${Deno.cwd()}/none.ipynb': `);
  return message.replace(/^.*none.ipynb': /, "");
}

/** Writes a notebook of cells into a folder. */
async function written(folder: string, ...sources: string[]): Promise<string> {
  const path = `${folder}/a.ipynb`;
  await writeNotebook(path, notebookOf(...sources));
  return path;
}

Deno.test("all outputs of many cells are kept, each under its own cell", async () => {
  const log = "for (let i = 0; i < 50; i++) console.log(`line ${i}`);";
  const kinds: [source: (n: number) => string, text: string][] = [
    [(n) => `${n}`, "value"],
    [() => log, "log"],
    [(n) => `await Deno.jupyter.display(Deno.jupyter.md\`**${n}**\`); ${log} ${n}`, "display log value"],
  ];
  const outputs = await outputsOf(...Array.from({ length: 30 }, (_, n) => kinds[n % 3]![0](n)));
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join("");
  for (const [n, found] of outputs.entries()) {
    const texts = found.map((output) => {
      if (output.output_type === "stream") return output.text === lines ? "log" : `log of ${output.text.length}`;
      assert(output.output_type !== "error");
      if (output.output_type === "execute_result") return output.data["text/plain"] === `${n}` ? "value" : "another";
      return output.data["text/markdown"] === `**${n}**` ? "display" : "another";
    });
    assertEquals(texts.join(" "), kinds[n % 3]![1], `cell ${n + 1}`);
  }
});

Deno.test("displays are updated in place, outputs cleared, and the streams kept apart", async () => {
  const show = (text: string, more = "") =>
    `await Deno.jupyter.display({ "text/plain": "${text}" }, { raw: true, display_id: "live"${more} });`;
  const [live, update, cleared, streams] = await outputsOf(
    show("begun"),
    `${show("ended", ", update: true")} 7`,
    `console.log("old"); await Deno.jupyter.broadcast("clear_output", { wait: true }); console.log("new");`,
    `console.log("a"); console.error("b"); console.log("c");`,
  ) as [Output[], Output[], Output[], Output[]];
  const texts = (outputs: Output[]) => outputs.map((output) => "data" in output ? output.data["text/plain"] : output);
  assertEquals([texts(live), texts(update)], [["ended"], ["7"]]);
  const printed = (name: string, text: string) => ({ output_type: "stream" as const, name, text });
  assertEquals(cleared, [printed("stdout", "new\n")]);
  assertEquals(streams, [printed("stdout", "a\n"), printed("stderr", "b\n"), printed("stdout", "c\n")]);
});

Deno.test("a cell that throws, also one whose value cannot be shown, is named with its error", async () => {
  assertEquals(
    await failureOf({}, "1", "// reads\nthrow new RangeError('no luck')", "2"),
    "cell 2 (// reads): RangeError: no luck",
  );
  const unshowable = '({ [Symbol.for("Jupyter.display")]() { throw new TypeError("hidden"); } })';
  assertStringIncludes(await failureOf({}, unshowable), "TypeError: hidden");
});

Deno.test("a mistake in the syntax is named with its cell and line, though the kernel does not say it", async () => {
  const reason = await failureOf({}, "const a: number = 1;", "const b = a;\nconst c = ;");
  assertMatch(reason, /^cell 2 \(const b = a;\): line 2: .*Expression expected/);
});

Deno.test("a kernel that dies is noticed, and its cell named, before a process that it started ends", () =>
  inFolder(async (folder) => {
    const start = 'const { pid } = new Deno.Command("sleep", { args: ["600"], stderr: "inherit" }).spawn();';
    const write = `Deno.writeTextFileSync("${folder}/pid", String(pid)); Deno.exit(3);`;
    const reason = await failureOf({}, "1", `// ends\n${start}\n${write}`, "2");
    assertMatch(reason, /^cell 2 \(\/\/ ends\): the kernel ended with exit code 3/);
    Deno.kill(Number(await Deno.readTextFile(`${folder}/pid`)), "SIGKILL"); // throws if there is none any more
  }));

Deno.test("a cell that takes too long is given up and its kernel ended, whatever it does", async () => {
  for (const endless of ["while (true);", "await new Promise(() => {})"]) {
    assertStringIncludes(
      await failureOf({ timeout: 0.5 }, endless),
      "must end within 0.5 s, and did not; raise --timeout",
    );
  }
});

Deno.test("a notebook is run, checked and found changed; where a run fails it stays as it was", () =>
  inFolder(async (folder) => {
    const declare = (value: string) =>
      `import { expect } from "${MODULES}/expect.ts";\nimport { quick } from "${MODULES}/quick.ts";\n` +
      `expect("loss", ${value}, 0.1);\nexpect("quick", String(quick));`;
    const path = await written(folder, declare("2.5"));
    const run = await runTask("notebook_run", [path, "--quick"]);
    assertEquals([run.code, run.stderr], [0, ""]);
    assertMatch(run.stdout, /^.*a.ipynb, quick\n +cell 1 +[\d.]+ s +import .*\ndone: '.*' has all outputs and 2 /);
    const stored = await readNotebook(path);
    const results = [{ name: "loss", tolerance: 0.1, value: 2.5 }, { name: "quick", tolerance: 0, value: "true" }];
    assertEquals(stored.metadata["offshoot"], { results: { quick: results } });
    assertEquals((stored.cells[0] as CodeCell).outputs.length, 2);

    const replace = async (source: string) => {
      stored.cells[0]!.source = source;
      await writeNotebook(path, stored);
      return await Deno.readTextFile(path);
    };
    const changed = await replace(declare("2.7"));
    const check = await runTask("notebook_check", [path, "--quick"]);
    assertEquals([check.code, check.stderr], [1, ""]);
    assertMatch(check.stdout, /\nloss +2.5 +2.7 +0.1 +changed\nquick +true +true +exact +same\nchanged: 1 of 2 /);
    assertEquals(await Deno.readTextFile(path), changed, "a check writes nothing");

    const broken = await replace(`${declare("2.5")}\nthrow new Error("late");`);
    const failed = await runTask("notebook_run", [path, "--quick"]);
    assertEquals([failed.code, failed.stderr.split("\n").length], [1, 2]);
    assertStringIncludes(failed.stderr, `error: Cannot run '${path}': cell 1 (import `);
    assertStringIncludes(failed.stderr, "): Error: late");
    assertEquals(await Deno.readTextFile(path), broken);
  }));

Deno.test("wrong types are found and named with their cell and line, and right ones pass", () =>
  inFolder(async (folder) => {
    const wrong = await written(
      folder,
      "const a = 1;",
      '// takes it\nconst b: string = a;\nawait 0;\n(b + "x").length',
    );
    const { code, stderr } = await runTask("notebook_type", [wrong]);
    assertEquals(code, 1);
    const reason = "line 2: TS2322 Type 'number' is not assignable to type 'string'.";
    assertEquals(stderr, `${wrong}: cell 2 (// takes it): ${reason}\n`);
    const right = await written(folder, "const a = 1;", "const b: number = a;\nawait 0;\nb");
    assertEquals((await runTask("notebook_type", [right])).code, 0);
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["a.ipynb"]);
  }));

Deno.test("a cleaned notebook has no outputs but its results, until those are asked for", () =>
  inFolder(async (folder) => {
    const path = await written(folder, "1");
    const notebook = await readNotebook(path);
    notebook.metadata["offshoot"] = { results: { full: [{ name: "a", tolerance: 0, value: 1 }] } };
    (notebook.cells[0] as CodeCell).outputs.push({ output_type: "stream", name: "stdout", text: "1\n" });
    await writeNotebook(path, notebook);
    assertEquals((await runTask("notebook_clean", [path])).code, 0);
    const { cells, metadata } = await readNotebook(path);
    assertEquals([(cells[0] as CodeCell).outputs, metadata["offshoot"]], [[], notebook.metadata["offshoot"]]);
    assertEquals((await runTask("notebook_clean", [path, "--results"])).code, 0);
    assertEquals((await readNotebook(path)).metadata["offshoot"], undefined);
  }));

Deno.test("what is no notebook, or cannot be one file, is refused on one line", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.ipynb`;
    await Deno.writeTextFile(path, '{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "prose"}]}');
    const reason = "'cells[0].cell_type' must be markdown, code or raw, found \"prose\"";
    const run = await runTask("notebook_run", [path]);
    assertEquals([run.code, run.stderr], [1, `error: Cannot read '${path}' as a notebook: ${reason}\n`]);
    const two = await runTask("notebook_run", [path, path, "--out", `${folder}/b.ipynb`]);
    const rule = "it must be for one notebook, found 2; leave it out";
    assertEquals([two.code, two.stderr], [2, `error: Cannot use --out: ${rule}\n`]);
  }));
