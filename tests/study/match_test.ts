import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { matchOf, neededFor, type Outcome } from "../../lib/study/match.ts";

/** A curve on which each tenfold of tokens takes one nat off, and a token costs six FLOPs. */
const reference: Outcome[] = [1e3, 1e4, 1e5].map((tokens, i) => ({ tokens, flops: 6 * tokens, loss: 5 - i }));

Deno.test("a run that reaches a loss of the reference's budgets needs as many times less as its budget is smaller", () => {
  const { tokens, flops, bound } = matchOf({ tokens: 1e3, flops: 12e3, loss: 4 }, reference);
  assertAlmostEquals(tokens, 10, 1e-9);
  assertAlmostEquals(flops, 5, 1e-9);
  assertEquals(bound, undefined);
});

Deno.test("between two budgets the loss is a straight line over the logarithm of tokens", () => {
  const { tokens, flops } = neededFor(3.5, reference);
  assertAlmostEquals(tokens, Math.sqrt(1e4 * 1e5), 1e-6);
  assertAlmostEquals(flops, 6 * tokens, 1e-6);
});

Deno.test("the reference needs once what it needs itself", () => {
  for (const outcome of reference) {
    const { tokens, flops, bound } = matchOf(outcome, reference);
    assertAlmostEquals(tokens, 1, 1e-12);
    assertAlmostEquals(flops, 1, 1e-12);
    assertEquals(bound, undefined);
  }
});

Deno.test("a loss that no budget reaches needs at least the largest, and one above all at most the smallest", () => {
  assertEquals(neededFor(2.9, reference), { tokens: 1e5, flops: 6e5, bound: "at_least" });
  assertEquals(neededFor(5.1, reference), { tokens: 1e3, flops: 6e3, bound: "at_most" });
  assertEquals(matchOf({ tokens: 1e4, flops: 6e4, loss: 5.5 }, reference), {
    tokens: 0.1,
    flops: 0.1,
    bound: "at_most",
  });
});

Deno.test("a run that is worse than the reference with the same tokens has a multiplier below one", () => {
  assertAlmostEquals(matchOf({ tokens: 1e4, flops: 6e4, loss: 4.5 }, reference).tokens, 10 ** -0.5, 1e-9);
});

Deno.test("a budget of the reference that ends above a smaller one counts for nothing", () => {
  const worse = [...reference, { tokens: 3e4, flops: 18e4, loss: 4.2 }, { tokens: 1e6, flops: 6e6, loss: 3.3 }];
  assertEquals(neededFor(3.5, worse), neededFor(3.5, reference));
  assertEquals(neededFor(2.9, worse).tokens, 1e5);
});

Deno.test("without a reference nothing can be matched", () => {
  assertThrows(() => neededFor(3, []), RangeError, "the reference must have an outcome, found none; train it first");
});
