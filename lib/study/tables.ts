/**
 * The tables of a study, for a terminal and as Markdown.
 *
 * @module
 */

import { studyGrid } from "../report/study_grid.ts";
import { studyColumns, studyRows, times } from "../report/study_table.ts";
import { type Column, formatMarkdownTable, formatTable } from "../report/table.ts";
import { formatCount } from "../units.ts";
import type { Ablation } from "./ablation.ts";
import type { BaselineMatch } from "./baseline.ts";
import type { BudgetSummary, StudySummary } from "./summary.ts";

/** How a table is laid out. */
type Layout = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]) => string;

const rateColumn: Column<BudgetSummary> = { title: "rate", text: ({ lr }) => lr.toExponential() };

/** How many times less arms need than the strongest start that costs nothing to find. */
const cheapColumns: readonly Column<BaselineMatch & { readonly arm: string }>[] = [
  { title: "start", align: "left", text: ({ arm }) => arm },
  { title: "tokens", text: ({ budget }) => formatCount(budget) },
  { title: "fewer tokens", text: ({ tokens, bound }) => times(tokens, bound) },
  { title: "fewer FLOPs", text: ({ flops, bound }) => times(flops, bound) },
];

/** What each part of the method is worth. */
const ablationColumns: readonly Column<Ablation>[] = [
  { title: "part", align: "left", text: ({ part }) => part },
  { title: "with", align: "left", text: (row) => row.with },
  { title: "without", align: "left", text: ({ without }) => without },
  { title: "tokens", text: ({ tokens }) => formatCount(tokens) },
  { title: "seeds", text: ({ seeds }) => String(seeds.length) },
  { title: "nats a token", text: ({ difference }) => `${difference > 0 ? "+" : ""}${difference.toFixed(3)}` },
];

/** Lays out all tables of a study, each under a line that says what it is, as text. */
export function printStudy(summary: StudySummary): string {
  return sectionsOf(summary, formatTable).join("\n\n");
}

/** Lays out the same as a page of Markdown. */
export function studyMarkdown(summary: StudySummary): string {
  return `# Results\n\n${sectionsOf(summary, formatMarkdownTable).join("\n\n")}\n`;
}

function sectionsOf(summary: StudySummary, table: Layout): string[] {
  const { reference, teacher_parameters, teacher_loss, cheap, ablations, correlations } = summary;
  const sections = [
    `Students of ${sizesOf(summary)} parameters, a teacher of ${formatCount(teacher_parameters)} ` +
    `(${teacher_loss.toFixed(3)} nats a token); how many times fewer tokens and FLOPs than '${reference}' needs for ` +
    "the same loss; ± is one standard deviation over seeds.",
    table([...studyColumns, rateColumn], studyRows(summary)),
  ];
  const grid = studyGrid(summary);
  if (grid) {
    sections.push(
      `The same after ${
        formatCount(grid.tokens)
      } tokens, starts down and lessons across: nats a token, times fewer tokens, ` +
        "times fewer FLOPs.",
      table(grid.columns, grid.rows),
    );
  }
  const beside = Object.entries(cheap?.arms ?? {}).flatMap(([arm, matches]) =>
    matches.map((match) => ({ arm, ...match }))
  );
  if (cheap && beside.length > 0) {
    sections.push(
      `How many times less than '${cheap.baseline}', the strongest start that costs nothing to find:`,
      table(cheapColumns, beside),
    );
  }
  if (ablations.length > 0) {
    sections.push(
      "What each part changes, on the seeds that both arms have; below zero it helps:",
      table(ablationColumns, ablations),
    );
  }
  const lines = correlations.map(({ of, tokens, students, spearman }) => {
    const known = of === "fitness" ? "what a search judged by" : "the loss before training";
    return `Ranks by ${known} and by the loss after ${formatCount(tokens)} tokens correlate at ` +
      `${spearman.toFixed(2)} (Spearman, ${students} students).`;
  });
  return [...sections, ...lines];
}

/** Members of a bin differ in size. */
function sizesOf({ arms }: StudySummary): string {
  const sizes = Object.values(arms).map(({ parameters }) => Math.round(parameters));
  return [...new Set([Math.min(...sizes), Math.max(...sizes)])].map(formatCount).join(" to ");
}
