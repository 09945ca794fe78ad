/**
 * Charts of Pareto fronts.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { fitnessAxis } from "../search/fitness_words.ts";
import type { FitnessName } from "../search/sub_network_config.ts";
import { BLUE, drawChart, type FrameOptions, GREEN, VERMILION } from "./chart.ts";
import { endLabels, labelRoom } from "./end_labels.ts";
import { belowFrame, layHeading } from "./heading.ts";
import { MOST_DOTS, thin } from "./series.ts";

/** What the chart reads of a candidate. */
export interface FrontRow {
  /** Parameters of the student. */
  readonly parameters: number;
  /** Its forward FLOPs a token, where the chart is to show them. */
  readonly flops_per_token?: number;
  /** Milliseconds of its forward pass, where the chart is to show them. */
  readonly latency_ms?: number;
  /** What it was judged by, in nats a token. */
  readonly fitness: number;
  /** What kind of start it was, if the search began with it. */
  readonly start?: string;
}

/** What a candidate costs, by the names that rows have for it. */
export type FrontCost = "parameters" | "flops_per_token" | "latency_ms";

/** How the chart looks. */
export interface ParetoChartOptions extends FrameOptions {
  /** Heading. @default {"Pareto front"} */
  readonly title?: string;
  /** What candidates were judged by. @default {not known: the axis has its unit alone} */
  readonly fitness?: FitnessName | undefined;
  /** The cost along the horizontal axis; all rows must have it. @default {"parameters"} */
  readonly cost?: FrontCost;
}

const COSTS: Readonly<Record<FrontCost, string>> = {
  parameters: "parameters",
  flops_per_token: "forward FLOPs a token",
  latency_ms: "latency of a forward pass, milliseconds",
};

/**
 * Draws what candidates were judged by against a cost as an SVG document: all candidates as rings; the front, which no
 * candidate beats in both, as points on a line; and the best of those that the search began with as a diamond. Of more
 * than 2,000 candidates some are left out, at even distances.
 *
 * @param front Members of the front, in ascending order of the cost.
 * @throws {RangeError} If the front is empty, or a row lacks the cost.
 */
export function paretoChart(
  rows: readonly FrontRow[],
  front: readonly FrontRow[],
  options: ParetoChartOptions = {},
): string {
  const { title = "Pareto front", fitness, cost = "parameters", width = 720 } = options;
  const last = front.at(-1);
  if (!last) throw new RangeError("Cannot draw the front: there must be at least one member, found none");
  const without = [...rows, ...front].filter((row) => row[cost] === undefined).length;
  if (without > 0) {
    throw new RangeError(
      `Cannot draw the front: every row must have ${cost}, found ${without} without; choose another cost`,
    );
  }
  const members = new Set(front);
  const dominated = rows.filter((row) => !members.has(row));
  const drawn = thin(dominated, MOST_DOTS);
  const starts = rows.filter(({ start }) => start !== undefined).sort((a, b) => a.fitness - b.fitness).slice(0, 1);
  const others = drawn.length < dominated.length
    ? `${drawn.length} of ${dominated.length} candidates that are beaten in both`
    : "candidates that are beaten in both";
  const heading = layHeading({
    title,
    key: [
      { text: `front: ${front.length} of ${rows.length} candidates`, colour: VERMILION, symbol: "circle" },
      { text: others, colour: BLUE, symbol: "circle", hollow: true },
      ...starts.map(({ start, fitness }) =>
        ({ text: `best start: ${start} ${fitness.toFixed(3)}`, colour: GREEN, symbol: "diamond" }) as const
      ),
    ],
    axis: fitnessAxis(fitness),
  }, width);
  const at = { x: cost, y: "fitness" } as const;
  const y = Math.min(...front.map(({ fitness }) => fitness));
  const lowest = {
    ...{ text: `lowest ${y.toFixed(3)}`, y, colour: VERMILION, dash: "none" },
    symbol: "circle" as const,
  };
  return drawChart({
    ...heading.margins,
    marginRight: labelRoom([lowest]),
    x: { ...belowFrame(COSTS[cost]), tickFormat: ".4~s", nice: true, ticks: 6 },
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading.marks,
      Plot.dot(drawn, { ...at, stroke: BLUE, strokeOpacity: 0.7, r: 3 }),
      Plot.line(front, { ...at, stroke: VERMILION, strokeWidth: 2.5, curve: "step-after" }),
      Plot.dot(front, { ...at, fill: VERMILION, r: 4 }),
      Plot.dot(starts, { ...at, fill: GREEN, symbol: "diamond", r: 6 }),
      ...endLabels([lowest]),
    ],
  }, { ...options, width });
}
