import { assertEquals } from "@std/assert";
import { suggest } from "../../lib/cli/suggest.ts";

const known = [
  { name: "batch", description: "sequences an optimizer step" },
  { name: "micro-batch", description: "sequences a pass" },
  { name: "lr", description: "peak learning rate" },
  { name: "min-lr", description: "learning rate at the end" },
  { name: "vocabulary", description: "rows of the embedding" },
];

Deno.test("a misspelt name finds the nearest known one", () => {
  const asked = ["bacth", "batches", "microBatch", "micro_batch", "lr2", "vocabluary", "MinLR"];
  const found = ["batch", "batch", "micro-batch", "micro-batch", "lr", "vocabulary", "min-lr"];
  assertEquals(asked.map((name) => suggest(name, known)), found);
});

Deno.test("a longer or shorter name finds the one that it begins with, a described one its description", () => {
  assertEquals(["batch-size", "vocab", "learningRate"].map((name) => suggest(name, known)), [
    "batch",
    "vocabulary",
    "lr",
  ]);
});

Deno.test("nothing is suggested for a name that is like none", () => {
  assertEquals(["dropout", "x", "epochs"].map((name) => suggest(name, known)), [undefined, undefined, undefined]);
});
