import { assertEquals, assertThrows } from "@std/assert";
import { clean } from "../../lib/notebook/clean.ts";
import { compareResults, formatComparison, holds } from "../../lib/notebook/compare.ts";
import type { Notebook, Output } from "../../lib/notebook/document.ts";
import { declared, describeResult, parseResult, RESULT_TYPE } from "../../lib/notebook/result.ts";
import { resultsOf, storedResults, storeResults } from "../../lib/notebook/stored_results.ts";
import { notebookOf } from "./notebook_of.ts";

/** A notebook each of whose cells has declared one result. */
function declaring(...results: unknown[]): Notebook {
  const notebook = notebookOf(...results.map((_, index) => `expect${index}()`));
  for (const [index, cell] of notebook.cells.entries()) {
    const output: Output = { output_type: "display_data", data: { [RESULT_TYPE]: results[index] }, metadata: {} };
    if (cell.cell_type === "code") cell.outputs.push(output);
  }
  return notebook;
}

Deno.test("a result has a name, a finite number or a text, and a tolerance only for a number", () => {
  const refused = (...args: Parameters<typeof declared>) =>
    assertThrows(() => declared(...args), RangeError).message.replace("Cannot declare ", "");
  assertEquals(refused(" ", 1), 'a result: its name must be text that is not empty, found " "');
  assertEquals(refused("a", NaN), "the result 'a': it must be a finite number or text, found NaN");
  assertEquals(refused("a", -Infinity), "the result 'a': it must be a finite number or text, found -Infinity");
  assertEquals(refused("a", 1, -1), "the result 'a': its tolerance must be a number of at least 0, found -1");
  assertEquals(refused("a", "b", 1), "the result 'a': text must be the same, so its tolerance must be 0, found 1");
  assertThrows(() => parseResult(null), RangeError);
  assertEquals(
    [declared("a", 1.5, 0.1), declared("b", "0f")].map(describeResult),
    ["a = 1.5 (within 0.1)", "b = 0f"],
  );
});

Deno.test("results are collected in their order, and a name that is declared twice is refused with both cells", () => {
  assertEquals(resultsOf(declaring(declared("b", 1), declared("a", "x"))).map(({ name }) => name), ["b", "a"]);
  const twice = declaring(declared("a", 1), declared("b", 1), declared("a", 1));
  assertEquals(
    assertThrows(() => resultsOf(twice), RangeError).message,
    "Cannot declare the result 'a' in cell 3 (expect2()): a notebook declares a name once, " +
      "found it in cell 1 (expect0()) too; rename one",
  );
});

Deno.test("quick and full runs store their results apart, and cleaning keeps them unless asked", () => {
  const notebook = { ...notebookOf("1"), metadata: { title: "T" } };
  const quick = storeResults(notebook, "quick", [declared("a", 1)]);
  const both = storeResults(quick, "full", [declared("a", 2, 0.5), declared("b", "x")]);
  assertEquals(storedResults(both, "quick"), [declared("a", 1)]);
  assertEquals(storedResults(both, "full"), [declared("a", 2, 0.5), declared("b", "x")]);
  assertEquals(storedResults(clean(both), "full"), storedResults(both, "full"));
  assertEquals(clean(both, { results: true }).metadata, { title: "T" });
  assertEquals(storeResults(quick, "quick", []).metadata, { title: "T" });
});

Deno.test("cleaning takes outputs, counts and the metadata of cells", () => {
  const notebook = declaring(declared("a", 1));
  Object.assign(notebook.cells[0]!, { execution_count: 7, metadata: { collapsed: true } });
  assertEquals(clean(notebook).cells, notebookOf("expect0()").cells);
});

Deno.test("a result is the same, within the stored tolerance, changed, missing or new", () => {
  const stored = [declared("same", 1), declared("near", 1, 0.5), declared("far", 1, 0.5), declared("text", "a")];
  const found = [declared("near", 1.5), declared("far", 1.6, 9), declared("text", "b"), declared("same", 1)];
  const compared = compareResults([...stored, declared("gone", 1)], [...found, declared("fresh", 1)]);
  assertEquals(compared.map(({ name, verdict }) => [name, verdict]), [
    ["same", "same"],
    ["near", "within tolerance"],
    ["far", "changed"],
    ["text", "changed"],
    ["gone", "missing"],
    ["fresh", "new"],
  ]);
  assertEquals(compared.filter(holds).map(({ name }) => name), ["same", "near"]);
  assertEquals(
    formatComparison(compared.slice(1, 5)),
    [
      "name  stored  found  tolerance  verdict",
      "near       1    1.5        0.5  within tolerance",
      "far        1    1.6        0.5  changed",
      "text       a      b      exact  changed",
      "gone       1      -      exact  missing",
    ].join("\n"),
  );
});

Deno.test("a number and the text of it differ", () => {
  assertEquals(compareResults([declared("a", 1, 1)], [declared("a", "1")])[0]!.verdict, "changed");
});
