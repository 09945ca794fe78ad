import { assert, assertEquals } from "@std/assert";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { trainTokenizer } from "../../lib/data/tokenizer_train.ts";
import { openDevice } from "../../lib/devices/mod.ts";
import { generate } from "../../lib/model/generate.ts";
import { generateText } from "../../lib/model/generate_text.ts";
import { Model } from "../../lib/model/model.ts";
import { largeParameters, smallNeoX } from "./small_neox.ts";

const tokenizer = await loadTokenizer(trainTokenizer(["low lower lowest slow slower"], { vocabularySize: 260 }));
const endOfText = tokenizer.endOfText!;
const config = { ...smallNeoX, vocabularySize: tokenizer.vocabularySize, layers: 1, sequence: 16 };
const parameters = largeParameters(config);
for (const kind of ["webgpu", "cpu"] as const) {
  const device = await openDevice(kind);
  Deno.test.afterAll(() => device[Symbol.dispose]());

  Deno.test(`generated text is the decoded continuation of the encoded prompt (${kind})`, async () => {
    using model = await Model.create(device, config, parameters);
    const options = { tokens: 12, seed: 5 };
    const tokens = await Array.fromAsync(generate(model, [...tokenizer.encode("a low slow")], options));
    assert(!tokens.includes(endOfText));
    assertEquals(await generateText(model, tokenizer, "a low slow", options), tokenizer.decode(tokens));
  });

  Deno.test(`an empty prompt begins a document (${kind})`, async () => {
    using model = await Model.create(device, config, parameters);
    const options = { tokens: 4, temperature: 0 };
    const tokens = await Array.fromAsync(generate(model, [endOfText], options));
    assertEquals(await generateText(model, tokenizer, "", options), tokenizer.decode(tokens));
  });

  Deno.test(`text ends before the end-of-text token (${kind})`, async () => {
    // With a final norm that gives one vector, the logits are that vector's products with the rows of embed_out.
    const certain = new Map(parameters);
    certain.set("gpt_neox.final_layer_norm.weight", new Float32Array(config.width));
    certain.set("gpt_neox.final_layer_norm.bias", new Float32Array(config.width).fill(1));
    const rows = new Float32Array(config.vocabularySize * config.width);
    certain.set("embed_out.weight", rows.fill(1, endOfText * config.width, (endOfText + 1) * config.width));
    using model = await Model.create(device, config, certain);
    assertEquals(await generateText(model, tokenizer, "low", { tokens: 8 }), "");
  });
}
