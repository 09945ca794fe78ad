import { assertEquals, assertThrows } from "@std/assert";
import { unroll } from "../../lib/ops/unroll.ts";

/** The text without what does not matter to a compiler. */
const bare = (text: string) => text.replaceAll(/\s+/g, " ").trim();

Deno.test("unroll() writes a loop's turns with the counter as a number", () => {
  const text = unroll("a(); for (var n = 0u; n < HEAD; n++) { sum += x[n] * n_2; } b();", { HEAD: 2 });
  assertEquals(bare(text), "a(); { sum += x[0u] * n_2; } { sum += x[1u] * n_2; } b();");
});

Deno.test("unroll() writes nested loops, each counter in its own loop alone", () => {
  const text = unroll("for (var i = 0u; i < A; i++) { for (var j = 0u; j < B; j++) { f(i, j); } } g(i);", {
    A: 2,
    B: 1,
  });
  assertEquals(bare(text), "{ { f(0u, 0u); } } { { f(1u, 0u); } } g(i);");
});

Deno.test("unroll() leaves other loops alone, but not those inside them", () => {
  const text = unroll("for (var i = 0u; i < N; i++) { for (var j = 0u; j < B; j++) { f(i, j); } }", { B: 1 });
  assertEquals(bare(text), "for (var i = 0u; i < N; i++) { { f(i, 0u); } }");
});

Deno.test("unroll() refuses a bound without a loop, and a loop without an end", () => {
  assertThrows(() => unroll("for (var i = 1u; i < N; i++) { }", { N: 2 }), RangeError, "'N' must bound a loop");
  assertThrows(() => unroll("for (var i = 0u; i < N; i++) { if (a) { }", { N: 2 }), RangeError, "closing brace");
});
