/**
 * Budgets as users write them, and the bins around them.
 *
 * @module
 */

import { z } from "zod";
import { parseFlags } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import { formatCount, formatMilliseconds } from "../units.ts";
import type { Bin } from "../search/bin.ts";
import { show } from "../unknown.ts";

/**
 * Reads a budget: a whole number, which may end in k, M or B (thousand, million, billion), or a share of the whole,
 * which ends in x.
 *
 * @param full What the whole costs, such as the teacher's parameters; a budget is at most that.
 * @throws {UsageError} If the budget is neither, or out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseBudget } from "./budget.ts";
 *
 * assertEquals(["840k", "0.25x", 840_000].map((budget) => parseBudget(budget, 4_000_000)), [840_000, 1_000_000, 840_000]);
 * ```
 */
export function parseBudget(budget: string | number, full: number): number {
  const text = String(budget);
  const share = text.endsWith("x");
  const number = parseNumber(share ? text.slice(0, -1) : text);
  const cost = share ? Math.round(number * full) : number;
  if (Number.isSafeInteger(cost) && cost >= 1 && cost <= full) return cost;
  throw new UsageError(
    `Cannot use the budget: it must be a whole number from 1 to ${formatCount(full)}, found ${show(budget)}; ` +
      "write it like 1100000, 1.1M or 840k, or as a share like 0.25x",
  );
}

/**
 * Reads a latency: milliseconds, which end in ms, or a share of the teacher's, which ends in x.
 *
 * @param full Milliseconds of the teacher, where they are known; a latency is at most that. @default {Infinity}
 * @throws {UsageError} If the latency is neither, or out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLatency } from "./budget.ts";
 *
 * assertEquals(["3.2ms", "0.5x"].map((latency) => parseLatency(latency, 8)), [3.2, 4]);
 * ```
 */
export function parseLatency(latency: string, full: number = Infinity): number {
  const [, number = "", unit] = /^(.*?)(x|ms)$/.exec(latency) ?? [];
  const value = parseNumber(number);
  if (unit === "x" && value > 0 && value <= 1) return value * full;
  if (unit === "ms" && value > 0 && value <= full && value < Infinity) return value;
  const most = full === Infinity ? "the teacher's" : `the teacher's ${formatMilliseconds(full)}`;
  throw new UsageError(
    `Cannot use the latency: it must be above 0 and at most ${most}, found ${show(latency)}; write it like 3.2ms, or ` +
      "as a share like 0.5x",
  );
}

/**
 * Returns the bin of the costs that differ from a target by no more than a tolerance.
 *
 * @param target A number above 0, a whole one unless costs are fractions.
 * @param tolerance A share of the target, from 0 to below 1, as a number or like `"2%"`.
 * @param fractions Whether costs may be fractions, such as milliseconds. @default {false}
 * @throws {UsageError} If the tolerance is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bin } from "./budget.ts";
 *
 * assertEquals(bin({ target: 1000, tolerance: "2%" }), { least: 980, most: 1020 });
 * ```
 */
export function bin(
  { target, tolerance, fractions = false }: { target: number; tolerance: string | number; fractions?: boolean },
): Bin {
  const text = String(tolerance);
  const share = text.endsWith("%") ? parseNumber(text.slice(0, -1)) / 100 : parseNumber(text);
  if (!(share >= 0 && share < 1)) {
    throw new UsageError(
      `Cannot use the tolerance: it must be a share from 0 to below 1, found ${show(tolerance)}; ` +
        "write it like 2% or 0.02",
    );
  }
  // The product is rounded to the digits that a decimal has in float64, so that 2% of a hundred are two.
  const slack = fractions ? share * target : Math.floor(Number((share * target).toPrecision(15)));
  return { least: target - slack, most: target + slack };
}

const flag = z.strictObject({ number: z.number() });

/** Reads a number as the tasks' flags do; NaN if it is none. */
function parseNumber(text: string): number {
  const { number } = parseFlags(flag, [`--number=${text}`]).values;
  return typeof number === "number" ? number : NaN;
}
