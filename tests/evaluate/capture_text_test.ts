import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openDevice } from "../../lib/devices/mod.ts";
import { captureText } from "../../lib/evaluate/capture_text.ts";
import { loadModel, tokenizerOf } from "../../lib/io/model_folder.ts";
import { activationNames } from "../../lib/model/activations.ts";
import { capture } from "../../lib/model/forward.ts";
import { smallNeoX } from "../model/small_neox.ts";

const teacher = new URL("../../fixtures/teacher", import.meta.url).pathname;
const device = await openDevice("cpu", { threads: 1 });
Deno.test.afterAll(() => device[Symbol.dispose]());
const model = await loadModel(teacher, device);
const names = ["embedding", "blocks.1.attention", "blocks.1.mlp", "blocks.1"];

Deno.test("a text's activations are those of its tokens, by the names that were asked for, from folder and model alike", async () => {
  const found = await captureText(teacher, "We must act", { capture: names, device: "cpu" });
  const tokenizer = await tokenizerOf(model);
  assertEquals(found.pieces.join(""), "We must act");
  assertEquals(found.tokens, [...tokenizer!.encode("We must act")]);
  const { width, mlpWidth } = model.config;
  const rows = found.tokens.length;
  assertEquals(Array.from(found.activations, ([name, { shape }]) => [name, shape]), [
    ["embedding", [rows, width]],
    ["blocks.1.attention", [rows, width]],
    ["blocks.1.mlp", [rows, mlpWidth]],
    ["blocks.1", [rows, width]],
  ]);
  const inTap = ["blocks.0.input", "blocks.1.attention", "blocks.1.mlp", "blocks.1.output"];
  const expected = await capture(model, [found.tokens], inTap);
  const values = names.map((name) => found.activations.get(name)!.values);
  assertEquals(values, inTap.map((name) => expected.get(name)!));
  assertEquals(await captureText(model, "We must act", { capture: names }), found);
});

Deno.test("every name that is listed can be captured, and an unknown one is refused with the list", async () => {
  const all = activationNames(model.config);
  const { activations } = await captureText(model, "We", { capture: all });
  assertEquals([...activations.keys()], all);
  assert(all.includes("final_norm") && all.includes(`blocks.${model.config.layers - 1}.output`));
  const error = await assertRejects(() => captureText(model, "We", { capture: ["block.3"] }), RangeError);
  assertStringIncludes(error.message, "Cannot capture 'block.3': the model has the activations embedding, blocks.0, ");
  assertStringIncludes(
    error.message,
    `final_norm, and of blocks.1 to blocks.${model.config.layers - 1} the same as of`,
  );
  assertEquals(activationNames({ ...smallNeoX, layers: 1 }).length, 10);
});

Deno.test("a text without tokens is refused", async () => {
  await assertRejects(() => captureText(model, "", { capture: names }), RangeError, "at least one token, found none");
});
