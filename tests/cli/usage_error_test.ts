import { assert, assertEquals } from "@std/assert";
import { describeFailure, UsageError } from "../../lib/cli/usage_error.ts";

Deno.test("wrong usage exits with 2, a failed run with 1, each with one line", () => {
  assertEquals(describeFailure(new UsageError("Cannot use --lr")), { code: 2, text: "error: Cannot use --lr" });
  assertEquals(describeFailure(new RangeError("too\n  long")), { code: 1, text: "error: too long" });
  assertEquals(describeFailure("thrown text"), { code: 1, text: "error: thrown text" });
  assertEquals(describeFailure(new TypeError()), { code: 1, text: "error: TypeError" });
});

Deno.test("when debugging, the stack and the causes follow", () => {
  const { text } = describeFailure(new Error("outer", { cause: new Error("inner") }), true);
  const [first, ...rest] = text.split("\n");
  assertEquals(first, "error: outer");
  assert(rest.some((line) => line.includes("usage_error_test.ts")));
  assert(rest.some((line) => line.startsWith("caused by Error: inner")));
});
