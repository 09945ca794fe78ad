import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { find } from "../../lib/pipeline/find.ts";
import { SHIPPED_TEACHER } from "../../lib/pipeline/recipe.ts";
import { inFolder } from "../io/temporary_folder.ts";

async function configOf(options: PipelineOptions, flags: Readonly<Record<string, unknown>> = {}) {
  const found = await find(options, { flags });
  assert(found.kind === "pipeline");
  return found.place.config;
}

Deno.test("a pipeline that is older than a setting goes on as it did before there was one", () =>
  inFolder(async (out) => {
    const config = await configOf({ teacher: SHIPPED_TEACHER, out, name: "old", gamma: 0.5 });
    const younger = ["axes", "hidden", "cutFrom", "repair"];
    const stored = Object.fromEntries(Object.entries(config).filter(([field]) => !younger.includes(field)));
    const resume = `${out}/old`;
    await Deno.mkdir(resume);
    await Deno.writeTextFile(`${resume}/pipeline.json`, JSON.stringify(stored));
    const before = { ...config, axes: "given" };
    assertEquals(await configOf({}, { resume }), before);
    assertEquals(await configOf({}, { resume, axes: "given", steps: 2000 }), {
      ...before,
      ...{ steps: 2000, tokens: 2000 * config.batch * config.sequence },
    });
    const changes: [string, unknown, string][] = [
      ["axes", "principal", "--axes: it must stay given, found principal"],
      ["hidden", "mse", "--hidden: it must stay relative_mse, found mse"],
      ["repair", false, "--repair: it must stay true, found false"],
      ["cutFrom", "models/other", `--cut-from: it must stay ${SHIPPED_TEACHER}, found models/other`],
      ["importance", "taylor", "--importance: it must stay activation, found taylor"],
    ];
    for (const [field, value, reason] of changes) {
      const message = `Cannot resume '${resume}' with another ${reason}; leave it out, or begin a new run`;
      await assertRejects(() => configOf({}, { resume, [field]: value }), UsageError, message);
    }
  }));
