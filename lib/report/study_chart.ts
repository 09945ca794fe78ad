/**
 * Charts of a study.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, GREEN, inkOf, ORANGE, PURPLE, VERMILION } from "./chart.ts";

/** What the charts read of an arm's budget. */
export interface StudyChartBudget {
  readonly tokens: number;
  readonly loss_mean: number;
  readonly loss_std: number;
  readonly tokens_to_match: number;
  readonly flops_to_match: number;
  readonly tokens_to_match_range: readonly [number, number];
  readonly flops_to_match_range: readonly [number, number];
  readonly bound?: "at_least" | "at_most" | undefined;
}

/** What the charts read of a study's summary. */
export interface StudyChartSummary {
  readonly reference: string;
  readonly teacher_loss: number;
  readonly arms: Readonly<Record<string, { readonly budgets: readonly StudyChartBudget[] }>>;
}

/** Which multiplier is drawn. */
export type Multiplier = "tokens" | "flops";

const PALETTE = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, "#56b4e9", "#000000"];

type Point = StudyChartBudget & { readonly arm: string };

/**
 * Draws held-out losses against the budget, the mean of each arm's seeds with a bar of one standard deviation to either
 * side, and the teacher's loss as a line across.
 *
 * @throws {RangeError} If there is no arm.
 */
export function studyLossChart(summary: StudyChartSummary, options: FrameOptions = {}): string {
  const { points, frame, lines } = prepare(summary, options);
  const ink = inkOf(options);
  return drawChart({
    ...frame,
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading("Held-out loss", "↑ nats per token; bars: one standard deviation over seeds"),
      Plot.ruleY([summary.teacher_loss], { stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.text([summary.teacher_loss], {
        y: (loss: number) => loss,
        text: ["teacher"],
        frameAnchor: "left",
        dx: 24,
        dy: -8,
      }),
      Plot.ruleX(points.filter(({ loss_std }) => loss_std > 0), {
        x: "tokens",
        y1: (point: Point) => point.loss_mean - point.loss_std,
        y2: (point: Point) => point.loss_mean + point.loss_std,
        stroke: "arm",
      }),
      ...lines("loss_mean"),
    ],
  }, options);
}

/**
 * Draws how many times fewer tokens, or FLOPs, each arm needs than the reference for the same loss, against the budget.
 * Above the line at 1 it needs less. Bars reach from the worst seed to the best; an arrow says that the true value lies
 * beyond, as the reference's largest budget does not reach the loss.
 *
 * @throws {RangeError} If there is no arm.
 */
export function studyMatchChart(summary: StudyChartSummary, of: Multiplier, options: FrameOptions = {}): string {
  const { points, frame, lines } = prepare(summary, options, summary.reference);
  const value = `${of}_to_match` as const, range = `${of}_to_match_range` as const;
  const what = of === "tokens" ? "tokens" : "FLOPs";
  const ink = inkOf(options);
  return drawChart({
    ...frame,
    y: { label: null, grid: true, type: "log", tickFormat: "~r", domain: domainOf(points, range) },
    marks: [
      ...heading(
        `Times fewer ${what} than the ${summary.reference} start`,
        `↑ ${what} of the ${summary.reference} start for the same loss, over the arm's own; bars: all seeds`,
      ),
      Plot.ruleY([1], { stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.ruleX(points, {
        x: "tokens",
        y1: (point: Point) => point[range][0],
        y2: (point: Point) => point[range][1],
        stroke: "arm",
      }),
      ...lines(value),
      Plot.text(points.filter(({ bound }) => bound), {
        x: "tokens",
        y: value,
        text: ({ bound }: Point) => bound === "at_least" ? "↑" : "↓",
        fill: "arm",
        dy: (({ bound }: Point) => bound === "at_least" ? -12 : 12) as unknown as number,
        fontWeight: 700,
      }),
    ],
  }, options);
}

function heading(title: string, axis: string): Plot.Markish[] {
  return [
    Plot.text([title], { frameAnchor: "top-left", dy: -52, dx: -36, fontSize: 16, fontWeight: 600 }),
    Plot.text([axis], { frameAnchor: "top-left", dx: -36, dy: -26 }),
  ];
}

function prepare({ arms }: StudyChartSummary, { width = 860, height = 440 }: FrameOptions, except?: string) {
  const names = Object.keys(arms).filter((name) => name !== except);
  if (names.length === 0) throw new RangeError("Cannot draw the study: there must be at least one arm, found none");
  const points: Point[] = names.flatMap((arm) => arms[arm]!.budgets.map((budget) => ({ ...budget, arm })));
  // Lessons of one start share its colour, and each has a stroke of its own.
  const starts = [...new Set(Object.keys(arms).map(startOf))];
  const color = (name: string) => PALETTE[starts.indexOf(startOf(name)) % PALETTE.length]!;
  const dash = (name: string) => name.endsWith("+online") ? "6 3" : name.endsWith("+store") ? "2 3" : "none";
  const lines = (y: keyof StudyChartBudget): Plot.Markish[] =>
    names.flatMap((arm) => {
      const own = points.filter((point) => point.arm === arm);
      return [
        Plot.line(own, { x: "tokens", y, stroke: color(arm), strokeWidth: 2, strokeDasharray: dash(arm) }),
        Plot.dot(own, { x: "tokens", y, fill: color(arm), r: 3 }),
      ];
    });
  const legend = names.map((arm, i) =>
    Plot.text([`${LEGEND[dash(arm)]} ${arm}`], {
      ...{ frameAnchor: "top-right", textAnchor: "start", dx: 16, dy: 4 + 18 * i, fill: color(arm) },
    })
  );
  const frame: Plot.PlotOptions = {
    ...{ width, height: Math.max(height, 140 + 18 * names.length) },
    ...{ marginTop: 68, marginRight: 240, marginBottom: 44, marginLeft: 48 },
    x: { type: "log", label: "training tokens", labelOffset: 38, grid: true, tickFormat: "~s" },
    color: { domain: names, range: names.map(color) },
  };
  return { points, frame, lines: (y: keyof StudyChartBudget) => [...lines(y), ...legend] };
}

const LEGEND: Readonly<Record<string, string>> = { none: "───", "6 3": "── ─", "2 3": "┄┄┄" };

function startOf(name: string): string {
  return name.split("+")[0]!;
}

/** All bars and the line at 1, with some room. */
function domainOf(points: readonly Point[], range: `${Multiplier}_to_match_range`): [number, number] {
  const ends = points.flatMap((point) => point[range]);
  return [0.9 * Math.min(1, ...ends), 1.15 * Math.max(1, ...ends)];
}
