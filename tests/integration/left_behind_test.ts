import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { exists, namesIn } from "../../lib/io/files.ts";
import { PipelineDirectory } from "../../lib/io/pipeline_directory.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { readCosts } from "../../lib/pipeline/costs.ts";
import { find } from "../../lib/pipeline/find.ts";
import { pipeline, type PipelineRunOptions, runPipeline } from "../../lib/pipeline/pipeline.ts";
import { corpus, hashesOf } from "./tiny_run.ts";

const out = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(out, { recursive: true }));
const shared: PipelineOptions = { corpus, out, evalTokens: 256, sampleTokens: 0, device: "cpu", threads: 1 };
await Array.fromAsync(pipeline({ ...shared, preset: "tiny", name: "teacher", steps: 2 }));
const settings: PipelineOptions = {
  ...{ ...shared, teacher: `${out}/teacher/final`, params: "0.7x", evaluations: 4, steps: 2, warmup: 0 },
  ...{ batch: 4, microBatch: 4 },
};

/** Takes a new pipeline to a stage and leaves it there, as if it were killed. */
async function takeTo(stage: string, options: PipelineOptions, run: PipelineRunOptions = {}): Promise<void> {
  for await (const record of pipeline({ ...settings, ...options }, run)) if (record.stage === stage) return;
}

Deno.test("a run that cannot begin leaves nothing that the next one of its name would take for its own", async () => {
  for (const impossible of [{ params: "0.01x" }, { params: "0.01x", init: "importance" }] as const) {
    await assertRejects(() => takeTo("train", { name: "again", ...impossible }), RangeError, "Cannot");
    assertEquals((await namesIn(`${out}/again`)).filter((name) => name !== ".lock"), []);
  }
  const other = { importance: "activation" } as const;
  await takeTo("prepare", { name: "again", ...other });
  await takeTo("prepare", { name: "fresh", ...other });
  assertEquals(await hashesOf(`${out}/again/turned`), await hashesOf(`${out}/fresh/turned`));
});

Deno.test("a run is begun before anything is spent on it, so that a kill leaves one that can be resumed", async () => {
  const seen: string[][] = [];
  const notice = (line: string) => {
    if (line.startsWith("turning the teacher")) {
      seen.push(Array.from(Deno.readDirSync(`${out}/marked`), ({ name }) => name));
    }
  };
  await takeTo("prepare", { name: "marked" }, { notice });
  assertEquals(seen.map((names) => names.toSorted()), [[".lock", "pipeline.json"]]);
});

Deno.test("what lies in the place of a new run is neither taken over nor removed", async () => {
  for (const name of ["turned", "search", "inherited", "costs.json"]) {
    const path = `${out}/found-${name}`;
    await Deno.mkdir(path);
    await Deno.writeTextFile(`${path}/${name}`, "mine");
    for (const options of [settings, { ...shared, preset: "tiny", steps: 2 } as const]) {
      const begin = () => pipeline({ ...options, name: `found-${name}` }).next();
      const { message } = await assertRejects(begin, UsageError);
      assertEquals(
        message,
        `Cannot begin a run in '${path}': there must be none, found '${name}' of one without a pipeline.json; choose ` +
          "another --name, or remove it",
      );
    }
    assertEquals(await Deno.readTextFile(`${path}/${name}`), "mine");
    assertEquals((await namesIn(path)).filter((each) => each !== ".lock"), [name]);
  }
});

Deno.test("a run that another process began in the meantime is not begun again", async () => {
  const found = await find({ ...settings, name: "both" }, {});
  assert(found.kind === "pipeline");
  await takeTo("prepare", { name: "both", importance: "activation" });
  const before = await hashesOf(`${out}/both/turned`), config = await Deno.readTextFile(`${out}/both/pipeline.json`);
  await assertRejects(() => Array.fromAsync(runPipeline(found.place)), UsageError, "there must be none, found one");
  assertEquals(await Deno.readTextFile(`${out}/both/pipeline.json`), config);
  assertEquals(await hashesOf(`${out}/both/turned`), before);
  assertEquals(await exists(`${out}/both/inherited`), false);
});

Deno.test("what a stage took is kept before its folder is there, so that a kill loses none of it", async () => {
  const path = `${out}/paid`;
  const costs = () => readCosts(new PipelineDirectory(path));
  const { rename } = Deno;
  const kept: Record<string, string[]> = {};
  Deno.rename = async (from, to) => {
    const name = String(to).slice(path.length + 1);
    if (name === "turned" || name === "inherited") kept[name] = Object.keys(await costs());
    await rename(from, to);
  };
  try {
    await takeTo("inherit", { name: "paid" });
  } finally {
    Deno.rename = rename;
  }
  assertEquals(kept, { turned: ["axes"], inherited: ["axes", "search", "inherit"] });
  const flops = async () => Object.entries(await costs()).map(([stage, cost]) => [stage, cost.flops]);
  const once = await flops();
  await Deno.remove(`${path}/inherited`, { recursive: true });
  await takeTo("inherit", { name: "paid", resume: path });
  assertEquals(await flops(), once);
});
