/**
 * Charts of a study.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { lessonOf, startOf } from "./arm_name.ts";
import { drawChart, type FrameOptions, inkOf } from "./chart.ts";
import { belowFrame, type Heading, layHeading } from "./heading.ts";
import { longestOf } from "./letters.ts";
import { seriesStyle } from "./series.ts";
import { studyRows } from "./study_table.ts";

/** What the charts read of an arm's budget. */
export interface StudyChartBudget {
  /** Tokens trained on. */
  readonly tokens: number;
  /** Mean held-out loss over seeds, in nats a token. */
  readonly loss_mean: number;
  /** Standard deviation of a sample; 0 for one seed, which says nothing. */
  readonly loss_std: number;
  /** How many times more tokens the reference needs for that loss. */
  readonly tokens_to_match: number;
  /** How many times more FLOPs it needs. */
  readonly flops_to_match: number;
  /** The first for the worst seed and the best. */
  readonly tokens_to_match_range: readonly [number, number];
  /** The second for the worst seed and the best. */
  readonly flops_to_match_range: readonly [number, number];
  /** Which side the true values lie on, where the reference's curve ends before the loss. */
  readonly bound?: "at_least" | "at_most" | undefined;
}

/** What the charts read of a study's summary. */
export interface StudyChartSummary {
  /** Name of the arm that the others are compared with. */
  readonly reference: string;
  /** In nats a token; nothing where there is no teacher. */
  readonly teacher_loss?: number;
  /** The budgets of each arm, the smallest first. */
  readonly arms: Readonly<Record<string, { readonly budgets: readonly StudyChartBudget[] }>>;
}

/** Which multiplier is drawn. */
export type Multiplier = "tokens" | "flops";

type Point = StudyChartBudget & { readonly arm: string };

/**
 * Draws held-out losses against the budget, the mean of each arm's seeds with a bar of one standard deviation to either
 * side, and the teacher's loss as a line across. `compareArms` makes what it draws of plain outcomes.
 *
 * @throws {RangeError} If there is no arm.
 */
export function studyLossChart(summary: StudyChartSummary, options: FrameOptions = {}): string {
  const { points, frame, lines } = prepare(summary, options, {
    title: "Held-out loss",
    axis: "nats per token; bars: one standard deviation over seeds",
  });
  const ink = inkOf(options);
  const teacher = summary.teacher_loss === undefined ? [] : [summary.teacher_loss];
  return drawChart({
    ...frame,
    y: { label: null, grid: true, nice: true },
    marks: [
      Plot.ruleY(teacher, { stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.text(teacher, {
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
  const value = `${of}_to_match` as const, range = `${of}_to_match_range` as const;
  const what = of === "tokens" ? "tokens" : "FLOPs";
  const bounds = new Set(Object.values(summary.arms).flatMap(({ budgets }) => budgets.map(({ bound }) => bound)));
  const arrows = (["at_least", "at_most"] as const).filter((bound) => bounds.has(bound));
  const key = arrows.map((bound) => `; ${ARROWS[bound]}: ${bound.replace("_", " ")}`).join("");
  const { points, frame, lines } = prepare(summary, options, {
    title: `Times fewer ${what} than the ${summary.reference} start`,
    axis: `${what} of the ${summary.reference} start for the same loss, over the arm's own; bars: all seeds${key}`,
  }, summary.reference);
  const ink = inkOf(options);
  return drawChart({
    ...frame,
    y: { label: null, grid: true, type: "log", tickFormat: "~r", domain: domainOf(points, range) },
    marks: [
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
        text: ({ bound }: Point) => ARROWS[bound!],
        fill: "arm",
        dy: (({ bound }: Point) => bound === "at_least" ? -12 : 12) as unknown as number,
        fontWeight: 700,
      }),
    ],
  }, options);
}

function prepare(
  { arms }: StudyChartSummary,
  options: FrameOptions,
  above: Heading,
  except?: string,
) {
  const { width = 860, height = 440 } = options;
  const names = Object.keys(arms).filter((name) => name !== except);
  if (names.length === 0) throw new RangeError("Cannot draw the study: there must be at least one arm, found none");
  const points: Point[] = studyRows({ arms }).filter(({ arm }) => arm !== except);
  // Lessons of one start share its colour and its shape, and each has a stroke of its own.
  const starts = [...new Set(Object.keys(arms).map(startOf))];
  const look = (name: string) => seriesStyle(starts.indexOf(startOf(name)), options);
  const color = (name: string) => look(name).colour;
  const dash = (name: string) => DASHES[lessonOf(name) ?? ""] ?? "none";
  const lines = (y: keyof StudyChartBudget): Plot.Markish[] =>
    names.flatMap((arm) => {
      const own = points.filter((point) => point.arm === arm);
      return [
        Plot.line(own, { x: "tokens", y, stroke: color(arm), strokeWidth: 2, strokeDasharray: dash(arm) }),
        Plot.dot(own, { x: "tokens", y, fill: color(arm), symbol: look(arm).symbol, r: 3.5 }),
      ];
    });
  const legend = names.flatMap((arm, i) => {
    const at = { frameAnchor: "top-right", dy: 4 + 18 * i } as const;
    return [
      Plot.dot([0], { ...at, dy: at.dy + 7, dx: 20, fill: color(arm), symbol: look(arm).symbol, r: 5 }),
      Plot.text([LEGEND[dash(arm)]!], { ...at, textAnchor: "start", dx: 32 }),
      Plot.text([arm], { ...at, textAnchor: "start", dx: NAMES }),
    ];
  });
  const heading = layHeading(above, width);
  const frame: Plot.PlotOptions = {
    ...{ width, height: Math.max(height, 140 + 18 * names.length) },
    ...{ ...heading.margins, marginRight: NAMES + longestOf(names) },
    x: { ...belowFrame("training tokens"), type: "log", ticks: 5, tickFormat: "~s" },
    color: { domain: names, range: names.map(color) },
  };
  return { points, frame, lines: (y: keyof StudyChartBudget) => [...heading.marks, ...lines(y), ...legend] };
}

/** Which side the true value lies on. */
const ARROWS = { at_least: "↑", at_most: "↓" } as const;

/** Where names stand, right of the frame, in pixels. */
const NAMES = 66;

/** The strokes of lessons, and as they are in the key. */
const DASHES: Readonly<Record<string, string>> = { online: "6 3", hidden: "9 3 2 3", store: "2 3" };
const LEGEND: Readonly<Record<string, string>> = { none: "───", "6 3": "── ─", "9 3 2 3": "── ┄", "2 3": "┄┄┄" };

/** All bars and the line at 1, with some room. */
function domainOf(points: readonly Point[], range: `${Multiplier}_to_match_range`): [number, number] {
  const ends = points.flatMap((point) => point[range]);
  return [0.9 * Math.min(1, ...ends), 1.15 * Math.max(1, ...ends)];
}
