import { assertAlmostEquals, assertEquals } from "@std/assert";
import { compareWithBaseline } from "../../lib/study/baseline.ts";

/** A curve that falls by one nat with each tenfold of tokens, at six FLOPs a token. */
const curve = (first: number, budgets: readonly number[] = [1e3, 1e4]) =>
  budgets.map((tokens) => ({ tokens, flops: 6 * tokens, loss: first - Math.log10(tokens / 1e3) }));

Deno.test("arms are compared with the cheap start that is best at the largest budget that both have", () => {
  const prefix = [{ tokens: 1e3, flops: 6e3, loss: 5 }, { tokens: 1e4, flops: 6e4, loss: 4 }];
  const spaced = [{ tokens: 1e3, flops: 6e3, loss: 4.9 }, { tokens: 1e4, flops: 6e4, loss: 4.1 }];
  const found = compareWithBaseline({ random: curve(6), prefix, spaced, importance: curve(4, [1e3]) })!;
  assertEquals(found.baseline, "prefix");
  assertEquals(Object.keys(found.arms), ["spaced", "importance"]);
  const [importance] = found.arms["importance"]!;
  assertEquals(importance!.budget, 1e3);
  assertAlmostEquals(importance!.tokens, 10, 1e-9);
  assertAlmostEquals(importance!.flops, 10, 1e-9);
});

Deno.test("a budget that only one cheap start has does not say which is stronger", () => {
  const prefix = [{ tokens: 1e3, flops: 6e3, loss: 5 }, { tokens: 1e4, flops: 6e4, loss: 4 }];
  assertEquals(compareWithBaseline({ prefix, spaced: curve(4.5, [1e3]) })!.baseline, "spaced");
});

Deno.test("an arm that is worse than the baseline has multipliers below one, and one beyond its curve a bound", () => {
  const { arms } = compareWithBaseline({ prefix: curve(5), late: curve(5.5, [1e4]), far: curve(3, [1e3]) })!;
  assertAlmostEquals(arms["late"]![0]!.tokens, 10 ** -0.5, 1e-9);
  assertEquals(arms["far"]![0]!.bound, "at_least");
});

Deno.test("without a cheap start there is nothing to compare with", () => {
  assertEquals(compareWithBaseline({ random: curve(6), importance: curve(4) }), undefined);
});

Deno.test("where cheap starts share no budget, nothing says which is stronger", () => {
  assertEquals(compareWithBaseline({ prefix: curve(5, [1e3]), spaced: curve(4, [1e4]) }), undefined);
});
