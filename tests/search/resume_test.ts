import { assertEquals, assertRejects } from "@std/assert";
import { methodNames } from "../../lib/search/methods.ts";
import type { SearchOptions } from "../../lib/search/options.ts";
import { SearchError, type SearchRow } from "../../lib/search/records.ts";
import { search } from "../../lib/search/search.ts";
import { coarseProblem, fineProblem, type JudgedProblem } from "./small_problems.ts";
import type { Sizes } from "./synthetic_spaces.ts";

const options = { evaluations: 24, population: 6, levels: 2, seed: 4 };

/** Rows as a file gives them back. */
function stored<G>(rows: readonly SearchRow<G>[]): SearchRow<G>[] {
  return rows.map((row) => JSON.parse(JSON.stringify(row)));
}

async function assertRefused(
  records: readonly unknown[],
  message: string,
  changed: SearchOptions<Sizes> = {},
): Promise<void> {
  const problem = coarseProblem();
  const given = { ...options, ...changed, records: records as SearchRow<Sizes>[] };
  const error = await assertRejects(() => Array.fromAsync(search(problem, given)), SearchError, message);
  assertEquals(error.message.split("\n").length, 1);
  assertEquals(problem.objective.asked, []);
}

Deno.test("a search that goes on from any of its rows equals the uninterrupted one, and evaluates the missing alone", async () => {
  for (const method of methodNames) {
    for (const make of [coarseProblem, fineProblem] as (() => JudgedProblem<unknown>)[]) {
      const whole = make();
      const searching = search(whole, { ...options, method });
      const rows = await Array.fromAsync(searching);
      for (let cut = 0; cut <= rows.length; cut++) {
        const problem = make();
        const resumed = search(problem, { ...options, method, records: stored(rows.slice(0, cut)) });
        assertEquals(await Array.fromAsync(resumed), rows);
        assertEquals(problem.objective.asked, whole.objective.asked.slice(cut));
        assertEquals(resumed.result, searching.result);
      }
    }
  }
});

Deno.test("a search that goes on may take other numbers of candidates at a time", async () => {
  const rows = await Array.fromAsync(search(coarseProblem({ batch: 4 }), options));
  const problem = coarseProblem({ batch: 3 });
  assertEquals(await Array.fromAsync(search(problem, { ...options, records: rows.slice(0, 10) })), rows);
  assertEquals(problem.objective.asked.length, 14);
});

Deno.test("a search without a ladder may go on with a larger budget", async () => {
  const flat = { ...options, levels: 1 };
  const rows = await Array.fromAsync(search(coarseProblem(), flat));
  const longer = await Array.fromAsync(search(coarseProblem(), { ...flat, evaluations: 40, records: rows }));
  assertEquals(longer, await Array.fromAsync(search(coarseProblem(), { ...flat, evaluations: 40 })));
});

Deno.test("rows of another search are refused by row and field", async () => {
  const rows = stored(await Array.fromAsync(search(coarseProblem(), options)));
  const { genotype } = rows[0]!;
  const other = stored(await Array.fromAsync(search(coarseProblem(), { ...options, seed: 5 })));
  await assertRefused(other, `Cannot resume the search: row 1 must have 'genotype' = [${genotype}], found [`);
  await assertRefused(
    [...rows.slice(0, 5), ...other.slice(5)],
    "Cannot resume the search: row 6 must have 'genotype' = ",
  );
  await assertRefused(rows, "Cannot resume the search: row 7 must have ", { elites: 1, crossover: 1 });
  // The ladder follows the budget.
  const climbed = rows.findIndex(({ level }) => level === 1) + 1;
  await assertRefused(rows, `Cannot resume the search: row ${climbed} must have`, { evaluations: 200 });
});

Deno.test("damaged rows are refused by row, before anything is evaluated", async () => {
  const rows = stored(await Array.fromAsync(search(coarseProblem(), options)));
  const damaged = (index: number, change: Record<string, unknown>) => rows.with(index, { ...rows[index]!, ...change });
  const refusal = (row: number, field: string) => `Cannot resume the search: row ${row} must have '${field}' = `;
  await assertRefused(damaged(3, { evaluation: 9 }), `${refusal(4, "evaluation")}4, found 9; give the undamaged rows`);
  await assertRefused(damaged(8, { generation: 7 }), `${refusal(9, "generation")}1, found 7`);
  await assertRefused(damaged(2, { hash: "x" }), refusal(3, "hash"));
  await assertRefused(damaged(5, { level: 1 }), `${refusal(6, "level")}0, found 1`);
  await assertRefused(damaged(5, { flops: 5 }), `${refusal(6, "flops")}6, found 5`);
  await assertRefused(damaged(5, { cost: undefined }), `${refusal(6, "cost")}`);
  await assertRefused(damaged(5, { extra: 1 }), `${refusal(6, "extra")}nothing, found 1`);
  await assertRefused(damaged(0, { fitness: rows[0]!.fitness - 1 }), `${refusal(1, "best")}`);
  const fitness = "must have a finite number 'fitness', found ";
  await assertRefused(damaged(4, { fitness: null }), `row 5 ${fitness}{"evaluation":5`);
  await assertRefused(rows.with(4, null as never), `row 5 ${fitness}null`);
  await assertRefused(rows.toSpliced(4, 1), `${refusal(5, "evaluation")}5, found 6`);
  await assertRefused(
    [...rows, ...rows.slice(0, 1)],
    "row 25 must not be there, for the search ends with row 24, found {",
  );
});
