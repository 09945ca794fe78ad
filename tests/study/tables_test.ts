import { assertEquals, assertStringIncludes } from "@std/assert";
import { printStudy, studyMarkdown } from "../../lib/study/tables.ts";
import type { StudySummary } from "../../lib/study/summary.ts";

const budget = {
  ...{ tokens: 1000, flops: 6000, runs: 1, loss_mean: 4, loss_std: 0, bits_per_byte: 1.6, lr: 2e-3 },
  ...{ tokens_to_match: 1, flops_to_match: 1 },
  tokens_to_match_range: [1, 1] as const,
  flops_to_match_range: [1, 1] as const,
};
const arm = { seeds: [1], lr: 1e-3, parameters: 100, untrained_loss: 7, budgets: [budget] };
const summary: StudySummary = {
  ...{ reference: "random", corpus: "sotu", student_parameters: 1000, teacher_parameters: 4000, teacher_loss: 3 },
  arms: { random: arm },
  ablations: [],
  correlations: [],
};

Deno.test("tables leave out what a study does not have yet", () => {
  assertEquals(printStudy(summary).split("\n\n").length, 2);
});

Deno.test("tables say how large the smallest and the largest students are", () => {
  assertStringIncludes(printStudy(summary), "Students of 100 parameters");
  const arms = { random: arm, prefix: { ...arm, parameters: 98.4 } };
  assertStringIncludes(printStudy({ ...summary, arms }), "Students of 98 to 100 parameters");
});

Deno.test("starts stand against lessons, at the budget that most arms have", () => {
  const at = (tokens: number, loss_mean: number, more: object = {}) => ({ ...budget, tokens, loss_mean, ...more });
  const arms = {
    ...{
      "random": { ...arm, budgets: [at(1000, 4), at(2000, 3.5)] },
      "random+store": { ...arm, budgets: [at(1000, 3.9)] },
    },
    ...{ "prefix": { ...arm, budgets: [at(2000, 3)] } },
    "prefix+online": {
      ...arm,
      budgets: [at(1000, 2.875, { tokens_to_match: 12.34, flops_to_match: 3.456, bound: "at_least" })],
    },
  };
  const [, , title, grid] = printStudy({ ...summary, arms }).split("\n\n");
  assertStringIncludes(title!, "The same after 1,000 tokens, starts down and lessons across");
  assertEquals(grid!.split("\n"), [
    "start            text alone                store                   online",
    "random  4.000, 1.00x, 1.00x  3.900, 1.00x, 1.00x",
    "prefix                                            2.875, > 12.3x, > 3.46x",
  ]);
  const equal = { random: { ...arm, budgets: [at(1000, 4), at(2000, 3.5)] }, "random+store": arms["prefix+online"] };
  const large = { ...equal, "random+store": { ...arm, budgets: [at(1000, 4), at(2000, 3)] } };
  assertStringIncludes(printStudy({ ...summary, arms: large }), "The same after 2,000 tokens");
});

Deno.test("tables say what is compared with what, and how sure it is", () => {
  const whole = {
    ...summary,
    cheap: { baseline: "prefix", arms: { importance: [{ budget: 1000, tokens: 2.5, flops: 2, bound: "at_least" }] } },
    ablations: [{ part: "repair", with: "a", without: "b", tokens: 1000, seeds: [1, 2], difference: 0.25 }],
    correlations: [{ of: "fitness", tokens: 1000, students: 5, spearman: 0.5, kendall: 0.4 }],
  } as StudySummary;
  const text = printStudy(whole);
  assertStringIncludes(text, "How many times less than 'prefix', the strongest start that costs nothing to find:");
  assertStringIncludes(text, "importance   1,000       > 2.50x      > 2.00x");
  assertStringIncludes(text, "repair  a     b         1,000      2        +0.250");
  assertStringIncludes(text, "Ranks by what a search judged by and by the loss after 1,000 tokens correlate at 0.50");
  assertStringIncludes(studyMarkdown(whole), "| repair | a    | b       |  1,000 |     2 |       +0.250 |");
});
