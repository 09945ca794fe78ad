import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { readModelFolder } from "../../lib/io/huggingface.ts";
import { hashParameters } from "../../lib/model/parameter_hash.ts";
import type { PipelineConfig } from "../../lib/pipeline/config.ts";
import { SHIPPED_TEACHER } from "../../lib/pipeline/recipe.ts";
import { checkText, sourceOf } from "../../lib/pipeline/source.ts";
import type { TrainingData } from "../../lib/train/data.ts";
import { inFolder } from "../io/temporary_folder.ts";

/** Writes the manifest of a store that a model wrote. */
async function writeStore(folder: string, hash: string): Promise<void> {
  const other = "0".repeat(64);
  const manifest = {
    ...{ format: "offshoot logits 1", teacher: { hash, flopsPerToken: 1 }, tokenizerHash: other, tokensHash: other },
    ...{ endOfText: 0, vocabularySize: 2, sequence: 1, temperature: 1, kind: "top-k", k: 1, seed: 1 },
    ...{ windows: 1, shardWindows: 1, bytesPerToken: 1, shards: [] },
  };
  await Deno.writeTextFile(`${folder}/store.json`, JSON.stringify(manifest));
}

Deno.test("a student is cut out of its teacher, and of the shipped model where that wrote the store", () =>
  inFolder(async (folder) => {
    assertEquals(await sourceOf({}, "models/big"), "models/big");
    const { parameters } = await readModelFolder(SHIPPED_TEACHER);
    await writeStore(folder, await hashParameters(parameters));
    assertEquals(await sourceOf({}, folder), SHIPPED_TEACHER);
    assertEquals(await sourceOf({ cutFrom: "auto" }, folder), SHIPPED_TEACHER);
    assertEquals(await sourceOf({ cutFrom: "models/big" }, folder), "models/big");
  }));

Deno.test("a store of another model needs that model named", () =>
  inFolder(async (folder) => {
    await writeStore(folder, "1".repeat(64));
    await assertRejects(
      () => sourceOf({}, folder),
      UsageError,
      `Cannot cut a student out of '${folder}': a store has no weights, and the model that wrote it (SHA-256 111111111111)`,
    );
  }));

Deno.test("a teacher that reads other tokens than its student is refused before a search", async () => {
  const config = { teacher: SHIPPED_TEACHER, cutFrom: "models/big" } as PipelineConfig;
  const data = { tokenizer: { hash: "2".repeat(64) } } as TrainingData;
  const rule = "the student's tokenizer must be the teacher's (SHA-256 ";
  await assertRejects(() => checkText(config, data), UsageError, `Cannot learn from '${SHIPPED_TEACHER}': ${rule}`);
  await checkText({ ...config, teacher: "none" }, data);
  await checkText({ ...config, cutFrom: SHIPPED_TEACHER }, data);
});
