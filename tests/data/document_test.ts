import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Document, splitDocuments } from "../../lib/data/document.ts";
import { cutIntoBlocks } from "../../lib/data/text_blocks.ts";
import { oddTexts, speech } from "./sample_text.ts";

const documents: Document[] = Array.from({ length: 2000 }, (_, i) => ({ id: `${i}`, text: `Text number ${i}.` }));

Deno.test("splitDocuments() holds out whole documents in about the asked proportion, and loses none", () => {
  const { train, validation } = splitDocuments(documents, { fraction: 0.1, seed: 1 });
  assertEquals([...train, ...validation].sort((a, b) => Number(a.id) - Number(b.id)), documents);
  // 4 standard deviations around 200.
  assert(validation.length > 146 && validation.length < 254, `${validation.length} held out`);
});

Deno.test("splitDocuments() depends on seed and text only", () => {
  const ids = (split: readonly Document[]): string[] => split.map(({ id }) => id).sort();
  const first = ids(splitDocuments(documents, { seed: 1 }).validation);
  assertEquals(ids(splitDocuments(documents.toReversed(), { seed: 1 }).validation), first);
  assertEquals(ids(splitDocuments(documents.slice(0, 1000), { seed: 1 }).validation), first.filter((id) => +id < 1000));
  assertNotEquals(ids(splitDocuments(documents, { seed: 2 }).validation), first);
});

Deno.test("splitDocuments() keeps equal texts on one side", () => {
  const doubled = [...documents, ...documents.map(({ id, text }) => ({ id: `${id} again`, text }))];
  const { train, validation } = splitDocuments(doubled);
  const texts = new Set(train.map(({ text }) => text));
  assert(validation.length > 0 && validation.every(({ text }) => !texts.has(text)));
});

Deno.test("splitDocuments() leaves a document on each side even of two, at any fraction", () => {
  for (const fraction of [0.001, 0.5, 0.999]) {
    for (let seed = 0; seed < 20; seed++) {
      const { train, validation } = splitDocuments(documents.slice(0, 2), { fraction, seed });
      assertEquals([train.length, validation.length], [1, 1]);
    }
  }
});

Deno.test("splitDocuments() names a corpus that cannot be split and a bad fraction", () => {
  const same = [{ id: "a", text: "same" }, { id: "b", text: "same" }];
  assertThrows(() => splitDocuments(same), RangeError, "found 1 different text; give more documents");
  assertThrows(() => splitDocuments([]), RangeError, "found 0 different texts");
  assertThrows(
    () => splitDocuments(documents, { fraction: 1 }),
    RangeError,
    "'fraction' must be between 0 and 1, found 1",
  );
});

Deno.test("cutIntoBlocks() cuts at line ends, spaces or characters, and the blocks give the text", () => {
  const lines = `${speech}\n`.repeat(300), words = `${speech} `.repeat(300), faces = "x" + "😀".repeat(5000);
  for (
    const [text, end] of [[lines, "\n"], [words, " "], [faces, "😀"], [oddTexts.join("\n").toWellFormed(), ""]] as const
  ) {
    const blocks = cutIntoBlocks("file", text);
    assertEquals(blocks.map((block) => block.text).join(""), text);
    assert(blocks.slice(0, -1).every((block) => block.text.endsWith(end) && block.text.isWellFormed()));
    assert(blocks.every((block) => block.text.length <= Math.max(1024, text.length / 200 + 1)));
  }
  assert(cutIntoBlocks("file", lines).length >= 200);
  assertEquals(cutIntoBlocks("file", "short").map(({ id }) => id), ["file#1"]);
  assertEquals(cutIntoBlocks("file", ""), []);
});
