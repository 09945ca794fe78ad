import { assertEquals, assertThrows } from "@std/assert";
import { resolveOptions, type SearchOptions } from "../../lib/search/options.ts";

/** Options that only their names and values make wrong, as a caller without types could give them. */
function refused(options: Record<string, unknown>, message: string): void {
  const given = { evaluations: 10, ...options } as SearchOptions<number>;
  assertThrows(() => resolveOptions(given), RangeError, `Cannot search: ${message}`);
}

Deno.test("options have defaults, and elites and tournament follow the population", () => {
  const { method, population, elites, tournament, levels, seed, generations, flops } = resolveOptions({
    evaluations: 9,
  });
  assertEquals([method, population, elites, tournament, levels, seed], ["evolution", 16, 4, 4, 1, 0]);
  assertEquals([generations, flops], [Infinity, Infinity]);
  assertEquals(resolveOptions({ evaluations: 9, population: 2 }).elites, 1);
  assertEquals(resolveOptions({ evaluations: 9, population: 40 }).tournament, 10);
});

Deno.test("a search without a budget is refused", () => {
  refused({ evaluations: Infinity }, "one of 'generations', 'evaluations' and 'flops' must be finite, found none");
});

Deno.test("budgets of nothing, less and parts are refused", () => {
  refused({ evaluations: 0 }, "'evaluations' must be a whole number above 0, or Infinity, found 0");
  refused({ evaluations: 1.5 }, "'evaluations' must be a whole number above 0, or Infinity, found 1.5");
  refused({ generations: -1 }, "'generations' must be a whole number above 0, or Infinity, found -1");
  refused({ flops: 0 }, "'flops' must be a number above 0, found 0");
  refused({ flops: NaN }, "'flops' must be a number above 0, found NaN");
});

Deno.test("sizes, rates and shares outside of their ranges are refused", () => {
  refused({ population: 1 }, "'population' must be a whole number of at least 2, found 1");
  refused({ population: 8, elites: 8 }, "'elites' must be below 'population' = 8, found 8");
  refused({ elites: 0 }, "'elites' must be a whole number above 0, found 0");
  refused({ population: 8, tournament: 9 }, "'tournament' must be at most 'population' = 8, found 9");
  refused({ mutation: 1.01 }, "'mutation' must be a rate from 0 to 1, found 1.01");
  refused({ crossover: -0.1 }, "'crossover' must be a rate from 0 to 1, found -0.1");
  refused({ keep: 1 }, "'keep' must be a share above 0 and below 1, found 1");
  refused({ strata: 0 }, "'strata' must be a whole number above 0, found 0");
  refused({ levels: 0 }, "'levels' must be a whole number above 0, found 0");
  refused({ seed: -1 }, "'seed' must be a whole number from 0 to 2^53 - 1, found -1");
  refused({ population: 2, initial: [1, 2, 3] }, "'initial' must be at most 'population' = 2 members, found 3");
});

Deno.test("an unknown method or way is refused by naming those that there are", () => {
  refused(
    { method: "annealing" },
    `'method' must be one of evolution, random, stratified, local, regularised, nsga2, halving, found "annealing"`,
  );
  refused({ parents: "all" }, `'parents' must be best or front, found "all"`);
});
