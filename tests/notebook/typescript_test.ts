import { assertEquals } from "@std/assert";
import type { Notebook } from "../../lib/notebook/document.ts";
import { parseMistakes } from "../../lib/notebook/type_mistakes.ts";
import { joinCells } from "../../lib/notebook/typescript.ts";
import { notebookOf } from "./notebook_of.ts";

Deno.test("code cells are joined so that none continues the one before, and every line knows its cell", () => {
  const notebook: Notebook = notebookOf("let a = 1", "[2].map(String)\n// end");
  notebook.cells.splice(1, 0, { cell_type: "markdown", metadata: {}, source: "# Prose" });
  const { text, locate } = joinCells(notebook);
  assertEquals(text, "let a = 1\n;\n[2].map(String)\n// end\n;\nexport {};\n");
  assertEquals([1, 3, 4].map(locate), [{ cell: 0, line: 1 }, { cell: 2, line: 1 }, { cell: 2, line: 2 }]);
  assertEquals(locate(6).cell, 2);
});

Deno.test("cells after the last one that is asked for are left out", () => {
  assertEquals(joinCells(notebookOf("a", "b", "c"), 1).text, "a\n;\nb\n;\nexport {};\n");
});

Deno.test("of a mistake the first place counts, where further ones explain it", () => {
  const words = `Check a.ts
TS2322 [ERROR]: Type 'string' is not assignable to type 'number'.
const b: {a: number} = {a: "4"};
                        ^
    at file:///a/b.ts:5:34

    The expected type comes from property 'a'
        at file:///a/b.ts:5:15

TS2307 [ERROR]: Cannot find module 'file:///none.ts'.
    at file:///a/c.ts:1:8

Found 2 errors.

error: Type checking failed.
`;
  assertEquals(parseMistakes(words), [
    { url: "file:///a/b.ts", line: 5, message: "TS2322 Type 'string' is not assignable to type 'number'." },
    { url: "file:///a/c.ts", line: 1, message: "TS2307 Cannot find module 'file:///none.ts'." },
  ]);
});

Deno.test("a mistake in the syntax has no number", () => {
  const words = "error: SyntaxError: Expression expected\n  |\n3 | const x = ;\n  |     ~\n    at file:///s.ts:3:11\n";
  assertEquals(parseMistakes(words), [{ url: "file:///s.ts", line: 3, message: "SyntaxError: Expression expected" }]);
});
