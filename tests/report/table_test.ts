import { assertEquals } from "@std/assert";
import { formatMarkdownTable, formatTable } from "../../lib/report/table.ts";

Deno.test("a table's columns are as wide as their widest cell, numbers to the right", () => {
  const columns = [
    { title: "n", text: (n: number) => String(n) },
    { title: "cube", text: (n: number) => String(n ** 3) },
    { title: "word", text: (n: number) => "o".repeat(n), align: "left" as const },
  ];
  assertEquals(formatTable(columns, [2, 30]), ` n   cube  word\n 2      8  oo\n30  27000  ${"o".repeat(30)}`);
});

Deno.test("a table of Markdown has a rule under its titles that says where its columns are aligned", () => {
  const columns = [
    { title: "word", text: (n: number) => "o".repeat(n), align: "left" as const },
    { title: "cube", text: (n: number) => String(n ** 3) },
  ];
  assertEquals(
    formatMarkdownTable(columns, [2, 6]),
    "| word   | cube |\n| ------ | ---: |\n| oo     |    8 |\n| oooooo |  216 |",
  );
});
