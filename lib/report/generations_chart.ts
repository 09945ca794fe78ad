/**
 * Charts of the generations of a search.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { fitnessAxis, fitnessWords } from "../search/fitness_words.ts";
import type { FitnessName } from "../search/sub_network_config.ts";
import { quantile } from "../statistics.ts";
import { BLUE, drawChart, type FrameOptions, inkOf, VERMILION } from "./chart.ts";
import { endLabels, labelRoom } from "./end_labels.ts";
import { belowFrame, layHeading } from "./heading.ts";
import { thin } from "./series.ts";
import { counted } from "../units.ts";

/** What the chart reads of a row. */
export interface GenerationsChartRow {
  /** Generation of the candidate, from 0. */
  readonly generation: number;
  /** What it was judged by, in nats a token. */
  readonly fitness: number;
  /** Rung of the ladder of tokens; fitnesses of different rungs say nothing of each other. @default {0} */
  readonly level?: number;
}

/** How the chart looks. */
export interface GenerationsChartOptions extends FrameOptions {
  /** Heading. @default {"Generations"} */
  readonly title?: string;
  /** What candidates were judged by. @default {not known: the axis has its unit alone, and a rung more tokens} */
  readonly fitness?: FitnessName | undefined;
}

/** A generation on one rung. */
interface GenerationSummary {
  readonly generation: number;
  readonly level: number;
  readonly candidates: number;
  readonly best: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly worst: number;
}

/** Generations that are drawn at most. */
const MOST_GENERATIONS = 120;

/**
 * Draws what each generation of a search came to as an SVG document: the best of its new candidates, their median, the
 * middle half as a thick bar and all of them as a thin one. Candidates that were known from before are in the generation
 * that they were evaluated in. A line ends where another rung begins. Of more than 120 generations some are left out, at
 * even distances.
 *
 * @throws {RangeError} If there is no row.
 */
export function generationsChart(rows: readonly GenerationsChartRow[], options: GenerationsChartOptions = {}): string {
  if (rows.length === 0) {
    throw new RangeError("Cannot draw the generations: there must be at least one row, found none");
  }
  const { title = "Generations", fitness, width = 720 } = options;
  const ink = inkOf(options);
  const all = [...Map.groupBy(rows, ({ generation, level = 0 }) => `${generation} ${level}`).values()].map(summarise);
  const drawn = thin(all, MOST_GENERATIONS);
  const levels = [...new Set(drawn.map(({ level }) => level))];
  const last = all.at(-1)!;
  const y = all.reduce(lower).best;
  const lowest = {
    ...{ text: `lowest ${y.toFixed(3)}`, y, colour: VERMILION, dash: "none" },
    symbol: "diamond" as const,
  };
  const heading = layHeading({
    title,
    notes: [
      `${counted(last.generation + 1, "generation")}, ${counted(rows.length, "candidate")}` +
      (drawn.length < all.length ? `, ${counted(drawn.length, "generation")} drawn` : ""),
    ],
    key: [
      { text: "best", colour: VERMILION, symbol: "diamond" },
      { text: "median", colour: BLUE, symbol: "circle" },
      { text: "bars: the middle half thick, all thin", colour: BLUE },
    ],
    axis: fitnessAxis(fitness),
  }, width);
  const higher = fitness === undefined ? "more tokens" : fitnessWords[fitness].higher;
  const levelText = ({ level }: GenerationSummary) => `${higher}: level ${level}`;
  const bar = { x: "generation", stroke: BLUE } as const;
  const line = (level: number, y: "best" | "median", stroke: string) =>
    Plot.line(drawn.filter((each) => each.level === level), { x: "generation", y, stroke, strokeWidth: 2 });
  const risen = levels.slice(1).map((level) => drawn.find((each) => each.level === level)!);
  return drawChart({
    ...heading.margins,
    marginRight: labelRoom([lowest]),
    x: {
      ...{ ...belowFrame("generation"), domain: [-0.5, Math.max(1, last.generation) + 0.5] },
      ...{
        ticks: Math.min(10, last.generation + 1),
        tickFormat: (value: number) => Number.isInteger(value) ? `${value}` : "",
      },
    },
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading.marks,
      Plot.ruleX(risen, { x: "generation", dx: -6, stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.text(risen, { x: "generation", frameAnchor: "top", dx: 0, dy: 6, textAnchor: "start", text: levelText }),
      Plot.ruleX(drawn, { ...bar, y1: "best", y2: "worst", strokeOpacity: 0.5 }),
      Plot.ruleX(drawn, { ...bar, y1: "low", y2: "high", strokeWidth: 5, strokeOpacity: 0.35 }),
      ...levels.flatMap((level) => [line(level, "median", BLUE), line(level, "best", VERMILION)]),
      Plot.dot(drawn, { x: "generation", y: "median", fill: BLUE, r: 3.5 }),
      Plot.dot(drawn, { x: "generation", y: "best", fill: VERMILION, symbol: "diamond", r: 4.5 }),
      ...endLabels([lowest]),
    ],
  }, { ...options, width });
}

function lower(a: GenerationSummary, b: GenerationSummary): GenerationSummary {
  return b.level > a.level || (b.level === a.level && b.best < a.best) ? b : a;
}

function summarise(rows: readonly GenerationsChartRow[]): GenerationSummary {
  const { generation, level = 0 } = rows[0]!;
  const values = rows.map(({ fitness }) => fitness);
  const at = (share: number) => quantile(values, share);
  return {
    ...{ generation, level, candidates: rows.length },
    ...{ best: at(0), low: at(0.25), median: at(0.5), high: at(0.75), worst: at(1) },
  };
}
