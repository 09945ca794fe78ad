import { assertEquals } from "@std/assert";
import { isSafePath } from "../../lib/share/safe_path.ts";

Deno.test("paths that stay in their folder on every system are told from those that may not", () => {
  const safe = ["a", "run/log.jsonl", "inputs/corpus/a text.txt", ".hidden", "..a", "a/b:c"];
  const unsafe = [
    "",
    "/etc/x",
    "../x",
    "a/../x",
    "a/..",
    ".",
    "a/./b",
    "a//b",
    "a/",
    "a\\..\\x",
    "c:/x",
    "C:x",
    "a\0b",
  ];
  assertEquals(safe.filter((path) => !isSafePath(path)), []);
  assertEquals(unsafe.filter(isSafePath), []);
});
