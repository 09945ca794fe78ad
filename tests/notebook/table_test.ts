import { assertEquals, assertThrows } from "@std/assert";
import { jupyterDisplay, table } from "../../notebook.ts";

Deno.test("a table has a column for each field of its first row, numbers to the right, and gaps where rows have none", () => {
  const bundle = table([{ lesson: "text | alone", loss: 3.51234, flops: 1200 }, { lesson: "store", loss: 3 }])
    [jupyterDisplay]();
  assertEquals(bundle["text/plain"].split("\n"), [
    "lesson         loss  flops",
    "text | alone  3.512  1,200",
    "store             3",
  ]);
  assertEquals(bundle["text/markdown"].split("\n"), [
    "| lesson        |  loss | flops |",
    "| ------------- | ----: | ----: |",
    "| text \\| alone | 3.512 | 1,200 |",
    "| store         |     3 |       |",
  ]);
});

Deno.test("a table without rows is refused", () => {
  assertThrows(() => table([]), RangeError, "Cannot lay out the table: there must be at least one row, found none");
});
