import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import type { PipelineOptions } from "../../lib/pipeline/config_schema.ts";
import { decide } from "../../lib/pipeline/decide.ts";

const SHIPPED = "fixtures/teacher";

function decided(given: PipelineOptions, shipped: string | undefined = SHIPPED): [teacher: string, init: string] {
  const { teacher, init } = decide(given, shipped);
  return [teacher, init];
}

Deno.test("without anything given, a student is cut out of the shipped teacher, and the reasons are told", () => {
  const { teacher, init, reasons } = decide({}, SHIPPED);
  assertEquals([teacher, init], [SHIPPED, "search"]);
  assertEquals(reasons, [
    "teacher fixtures/teacher: the one that comes with the project",
    "init search: the student is cut out of its teacher",
  ]);
});

Deno.test("what does not say what is trained leaves that as it is", () => {
  for (const given of [{ steps: 10 }, { lr: 1e-3, seed: 2 }, { alpha: 1 }, { params: "0.5x" }, { corpus: "sotu" }]) {
    assertEquals(decided(given), [SHIPPED, "search"], JSON.stringify(given));
  }
});

Deno.test("a preset, a shape or a text of one's own is trained from random weights without a teacher", () => {
  const fields: PipelineOptions[] = [
    { preset: "small" },
    { width: 64 },
    { sequence: 64 },
    { vocabulary: 512 },
    { tiedEmbeddings: false },
    { corpus: "texts/" },
    { tokenizer: "tokenizer.json" },
    { splitSeed: 3 },
  ];
  for (const given of fields) {
    assertEquals(decided(given), ["none", "random"], JSON.stringify(given));
    assertStringIncludes(decide(given, SHIPPED).reasons[0]!, "and the shipped teacher has its own");
  }
  assertEquals(decided({ preset: "small", width: "auto" }), ["none", "random"]);
  assertEquals(decided({ width: "auto" }), [SHIPPED, "search"]);
});

Deno.test("a start that is given has no teacher that is not", () => {
  assertEquals(decided({ init: "random" }), ["none", "random"]);
  assertEquals(decided({ init: "students/first" }), ["none", "students/first"]);
  assertEquals(decided({ init: "search" }), [SHIPPED, "search"]);
  assertEquals(decided({ init: "importance" }), [SHIPPED, "importance"]);
  assertEquals(decided({ init: "best.json" }), [SHIPPED, "best.json"]);
});

Deno.test("a teacher that is given is searched, unless the student has a shape or a start of its own", () => {
  const teacher = "models/teacher";
  assertEquals(decided({ teacher }), [teacher, "search"]);
  assertEquals(decided({ teacher, corpus: "texts/", sequence: 64 }), [teacher, "search"]);
  assertEquals(decided({ teacher, preset: "small" }), [teacher, "random"]);
  assertEquals(decided({ teacher, width: 8, heads: 1 }), [teacher, "random"]);
  assertEquals(decided({ teacher, init: "students/first" }), [teacher, "students/first"]);
  assertEquals(decided({ teacher: "none" }), ["none", "random"]);
});

Deno.test("a model that a student is cut out of is its teacher too, unless another one or none is given", () => {
  const cutFrom = "models/big";
  assertEquals(decided({ cutFrom }), [cutFrom, "search"]);
  assertEquals(decided({ cutFrom, corpus: "texts/" }), [cutFrom, "search"]);
  assertEquals(decided({ cutFrom, teacher: "none" }), ["none", "search"]);
  assertEquals(decided({ cutFrom, teacher: "stores/big", init: "importance" }), ["stores/big", "importance"]);
  assertEquals(decided({ cutFrom: "auto" }), [SHIPPED, "search"]);
});

Deno.test("a copy of the project without its teacher trains from random weights", () => {
  const { teacher, init, reasons } = decide({}, undefined);
  assertEquals([teacher, init], ["none", "random"]);
  assert(reasons[0]!.includes("none came with this copy"));
});

Deno.test("contradictions are refused in a line that names both sides", () => {
  const refusals: [PipelineOptions, string][] = [
    [{ init: "search", teacher: "none" }, "Cannot use --init search: there must be a model to cut a student out of"],
    [{ init: "search", preset: "small" }, "Cannot use --init search: there must be a model"],
    [
      { init: "search", teacher: "t", preset: "small" },
      "Cannot use --preset with --init search: a student that is cut",
    ],
    [{ init: "a.json", teacher: "t", mlpWidth: 8 }, "Cannot use --mlp-width with --init a.json"],
    [{ teacher: "t", tokenizer: "x" }, "Cannot use --tokenizer with --init search"],
    [
      { preset: "small", space: "coarse-uniform" },
      "Cannot use --space: the student must be cut out of a teacher, found",
    ],
    [{ init: "random", params: "0.5x" }, "Cannot use --params: the student must be cut out of a teacher"],
  ];
  for (const [given, message] of refusals) {
    const error = assertThrows(() => decide(given, SHIPPED), UsageError);
    assertStringIncludes(error.message, message);
    assert(!error.message.includes("\n"));
  }
});
