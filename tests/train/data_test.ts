import { assertEquals, assertRejects } from "@std/assert";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { tokenizerOf } from "../../lib/io/model_folder.ts";
import { presets } from "../../lib/model/presets.ts";
import { resolveConfig } from "../../lib/train/config.ts";
import { prepareData } from "../../lib/train/data.ts";
import { inFolder } from "../io/temporary_folder.ts";

const corpus = "fixtures/speeches.jsonl";
const lines = (await Deno.readTextFile(corpus)).trim().split("\n");
const texts = lines.map((line) => JSON.parse(line).text as string);
/** A tokenizer whose documents end with a token that has no usual name. */
const unusual = JSON.parse(
  JSON.stringify(trainTokenizer(texts, { vocabularySize: 300 })).replaceAll("<|endoftext|>", "<|fin|>"),
);

Deno.test("a tokenizer of one's own ends documents with the token that is named", () =>
  inFolder(async (out) => {
    const tokenizer = `${out}/tokenizer.json`;
    await Deno.writeTextFile(tokenizer, JSON.stringify(unusual));
    const config = resolveConfig({ preset: "tiny", corpus, tokenizer, out });
    await assertRejects(() => prepareData(config, undefined, () => {}), RangeError, "name the token that ends");
    const wrong = { ...config, endOfText: "<|end|>" };
    await assertRejects(() => prepareData(wrong, undefined, () => {}), Error, "found '<|end|>'");
    const data = await prepareData({ ...config, endOfText: "<|fin|>" }, undefined, () => {});
    assertEquals(data.tokenizer.endOfText, 0);
    assertEquals([data.train.at(-1), data.validation.at(-1)], [0, 0]);
  }));

Deno.test("a model's tokenizer ends documents with the token that the model's config names", async () => {
  const model = { config: presets.tiny.config, tokenizerJson: unusual };
  assertEquals((await tokenizerOf(model))?.endOfText, 0);
  assertEquals((await tokenizerOf({ ...model, config: { ...model.config, eosToken: 7 } }))?.endOfText, 7);
  const { eosToken: _, ...nameless } = model.config;
  assertEquals((await tokenizerOf({ ...model, config: nameless }))?.endOfText, undefined);
  assertEquals(await tokenizerOf({ ...model, tokenizerJson: undefined }), undefined);
});
