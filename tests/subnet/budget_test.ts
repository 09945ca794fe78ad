import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { bin, parseBudget, parseLatency } from "../../lib/subnet/budget.ts";

Deno.test("a budget is a number, a number with a suffix, or a share of the whole", () => {
  const full = 5_813_248;
  const read = ["1.1M", "840k", "1100000", 1_100_000, "0.25x", "1x", "1.001k", "0.1x", full, 1]
    .map((budget) => parseBudget(budget, full));
  assertEquals(read, [1_100_000, 840_000, 1_100_000, 1_100_000, 1_453_312, full, 1001, 581_325, full, 1]);
  assertEquals(parseBudget("2B", 3e9), 2e9);
});

Deno.test("a budget that is none, or out of range, is refused", () => {
  for (const budget of ["", "x", "much", "1.1 M", "1,000", "-3", "-0.5x", "0x", 0, 0.5, NaN, "2001", "1.01x", "25%"]) {
    const { message } = assertThrows(() => parseBudget(budget, 2000), UsageError);
    assertEquals(
      message,
      `Cannot use the budget: it must be a whole number from 1 to 2,000, found ${
        typeof budget === "string" ? `"${budget}"` : budget
      }; write it like 1100000, 1.1M or 840k, or as a share like 0.25x`,
    );
  }
});

Deno.test("a bin holds the whole numbers within the tolerance", () => {
  assertEquals(bin({ target: 1_100_000, tolerance: "2%" }), { least: 1_078_000, most: 1_122_000 });
  assertEquals(bin({ target: 1_100_000, tolerance: 0.02 }), { least: 1_078_000, most: 1_122_000 });
  assertEquals(bin({ target: 100, tolerance: 0.57 }), { least: 43, most: 157 }); // 0.57 * 100 is below 57 in float64
  assertEquals(bin({ target: 55, tolerance: "2.5%" }), { least: 54, most: 56 });
  assertEquals(bin({ target: 7, tolerance: 0 }), { least: 7, most: 7 });
});

Deno.test("a bin of costs that may be fractions is as wide as the tolerance says", () => {
  const { least, most } = bin({ target: 0.5, tolerance: "2%", fractions: true });
  assertEquals([least, most], [0.49, 0.51]);
});

Deno.test("a latency is milliseconds, or a share of the teacher's", () => {
  const read = ["3.2ms", "0.5x", "1x", "0.001ms", "8ms"].map((latency) => parseLatency(latency, 8));
  assertEquals(read, [3.2, 4, 8, 0.001, 8]);
  assertEquals(parseLatency("100ms"), 100);
});

Deno.test("a latency that is none, or out of range, is refused", () => {
  for (const latency of ["", "x", "ms", "3", "3.2 s", "0ms", "-1ms", "0x", "1.01x", "8.1ms", "50%", "much", "NaNms"]) {
    const { message } = assertThrows(() => parseLatency(latency, 8), UsageError);
    assertEquals(
      message,
      `Cannot use the latency: it must be above 0 and at most the teacher's 8 ms, found "${latency}"; write it like ` +
        "3.2ms, or as a share like 0.5x",
    );
  }
  assertThrows(() => parseLatency("Infinityms"), UsageError, "above 0 and at most the teacher's, found");
});

Deno.test("a tolerance that is no share is refused", () => {
  for (const tolerance of ["", "%", "two", "2 %", "-1%", "100%", 1, -0.1, NaN]) {
    const { message } = assertThrows(() => bin({ target: 100, tolerance }), UsageError);
    assertEquals(
      message,
      `Cannot use the tolerance: it must be a share from 0 to below 1, found ${
        typeof tolerance === "string" ? `"${tolerance}"` : tolerance
      }; write it like 2% or 0.02`,
    );
  }
});
