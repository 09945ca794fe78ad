import { assertEquals } from "@std/assert";
import { commonLabel, labelsOf } from "../../lib/compare/labels.ts";

Deno.test("a directory is called by its last name, and by more of its path where others end alike", () => {
  assertEquals(labelsOf(["runs/a", "./runs/b"]), ["a", "b"]);
  assertEquals(labelsOf(["x/runs/a", "y/runs/a", "runs/b"]), ["x/runs/a", "y/runs/a", "b"]);
  assertEquals(labelsOf(["runs/a", "more/runs/a"]), ["runs/a", "more/runs/a"]);
  assertEquals(labelsOf(["runs/a", "runs/a"]), ["a", "a"]);
});

Deno.test("several are called by what they begin and end with", () => {
  assertEquals(commonLabel(["cut-seed1-176", "cut-seed2-176", "cut-seed13-176"]), "cut-seed*-176");
  assertEquals([commonLabel(["one"]), commonLabel([])], ["one", ""]);
  assertEquals([commonLabel(["aba", "aba-2"]), commonLabel(["aa", "aaa"])], ["aba*", "aa*"]);
  assertEquals(commonLabel(["abc", "xyz"]), "abc and others");
});
