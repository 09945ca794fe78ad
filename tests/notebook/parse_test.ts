import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseNotebook } from "../../lib/notebook/parse.ts";
import { printNotebook } from "../../lib/notebook/print.ts";

/** In the layout of nbformat's own `write`: sorted names, one space, lists of lines. */
const file = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "prose",
   "metadata": {},
   "source": [
    "# Title\\n",
    "\\n",
    "Text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "code",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "one\\n",
      "two\\n"
     ]
    },
    {
     "data": {
      "application/vnd.offshoot.result+json": {
       "name": "a",
       "tolerance": 0,
       "value": 1
      },
      "image/png": "iVBORw0K\\nGgo=\\n",
      "image/svg+xml": [
       "<svg>\\n",
       "</svg>"
      ],
      "text/plain": [
       "a = 1"
      ]
     },
     "metadata": {},
     "output_type": "display_data"
    }
   ],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Offshoot (Deno)",
   "language": "typescript",
   "name": "offshoot"
  },
  "language_info": {
   "file_extension": ".ts",
   "mimetype": "text/x.typescript",
   "name": "typescript"
  },
  "offshoot": {
   "results": {}
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`;

const parse = (change: (json: Json) => void = () => {}) => {
  const json = JSON.parse(file);
  change(json);
  return parseNotebook(json, "a.ipynb");
};
// deno-lint-ignore no-explicit-any -- a test breaks it anywhere
type Json = any;

Deno.test("a notebook that is read and written has the same bytes", () => {
  assertEquals(printNotebook(parse()), file);
});

Deno.test("lines are one text inside, and JSON and pictures stay as they are", () => {
  const { cells } = parse();
  assertEquals(cells.map(({ source }) => source), ["# Title\n\nText", ""]);
  const [stream, display] = (cells[1] as Json).outputs;
  assertEquals(stream.text, "one\ntwo\n");
  assertEquals(display.data["image/svg+xml"], "<svg>\n</svg>");
  assertEquals(display.data["application/vnd.offshoot.result+json"], { name: "a", tolerance: 0, value: 1 });
});

Deno.test("names in any order, and what another Deno said of the kernel, are written in one way", () => {
  const reordered = parse((json) => {
    json.metadata = { language_info: { name: "typescript", version: "5.1" }, offshoot: { results: {} } };
    json.cells[0] = Object.fromEntries(Object.entries(json.cells[0]).reverse());
  });
  assertEquals(printNotebook(reordered), file);
});

Deno.test("a part that breaks the format is named with the rule and the value", () => {
  const refusals: [(json: Json) => void, string][] = [
    [(json) => json.nbformat = 3, "'nbformat' must be 4; open it in Jupyter and save it, which converts it, found 3"],
    [(json) => json.cells = {}, "'cells' must be a list, found {}"],
    [(json) => json.cells[0] = "prose", `'cells[0]' must be an object, found "prose"`],
    [(json) => json.cells[1].outputs[0].name = 1, "'cells[1].outputs[0].name' must be text, found 1"],
    [(json) => json.cells[1].source = 7, "'cells[1].source' must be text or a list of lines, found 7"],
    [
      (json) => json.cells[0].cell_type = "prose",
      `'cells[0].cell_type' must be markdown, code or raw, found "prose"`,
    ],
    [
      (json) => json.cells[1].outputs[1].data["text/plain"] = 3,
      "'cells[1].outputs[1].data' must hold text under every type that is not JSON, found {",
    ],
  ];
  for (const [change, reason] of refusals) {
    const { message } = assertThrows(() => parse(change), RangeError);
    assertStringIncludes(message, `Cannot read 'a.ipynb' as a notebook: ${reason}`);
  }
  const { message } = assertThrows(() => parseNotebook([], "a.ipynb"), RangeError);
  assertEquals(message, "Cannot read 'a.ipynb' as a notebook: it must be an object, found []");
});

Deno.test("a notebook of another language is refused", () => {
  const { message } = assertThrows(() => parse((json) => json.metadata.kernelspec.language = "python"), RangeError);
  const rule = "its kernel's language must be typescript";
  assertEquals(message, `Cannot read 'a.ipynb' as a notebook of ours: ${rule}, found "python"`);
});
