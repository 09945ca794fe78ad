/**
 * Charts of Pareto fronts.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, VERMILION } from "./chart.ts";

/** What the chart reads of a candidate. */
export interface FrontRow {
  /** Parameters of the student. */
  readonly parameters: number;
  /** Loss in nats a token. */
  readonly fitness: number;
}

/** How the chart looks. */
export interface ParetoChartOptions extends FrameOptions {
  /** Heading. @default {"Pareto front"} */
  readonly title?: string;
}

/**
 * Draws losses against parameters as an SVG document: all candidates as dots, and the front, which no candidate beats
 * in both, as a line.
 *
 * @param front Members of the front, in ascending order of parameters.
 * @throws {RangeError} If the front is empty.
 */
export function paretoChart(
  rows: readonly FrontRow[],
  front: readonly FrontRow[],
  options: ParetoChartOptions = {},
): string {
  const { title = "Pareto front" } = options;
  const last = front.at(-1);
  if (!last) throw new RangeError("Cannot draw the front: there must be at least one member, found none");
  const at = { x: "parameters", y: "fitness" } as const;
  return drawChart({
    marginTop: 68,
    marginRight: 110,
    marginBottom: 44,
    x: { label: "parameters", labelOffset: 38, grid: true, tickFormat: ".4~s", nice: true },
    y: { label: null, grid: true, nice: true },
    marks: [
      Plot.text([title], { frameAnchor: "top-left", dy: -56, fontSize: 16, fontWeight: 600 }),
      Plot.text(["↑ nats per token, before any training"], { frameAnchor: "top-left", dx: -36, dy: -26 }),
      Plot.dot(rows, { ...at, fill: BLUE, fillOpacity: 0.6, r: 3 }),
      Plot.line(front, { ...at, stroke: VERMILION, strokeWidth: 2.5, curve: "step-after" }),
      Plot.dot(front, { ...at, fill: VERMILION, r: 4 }),
      Plot.text([last], {
        ...at,
        text: ({ fitness }: FrontRow) => `front ${fitness.toFixed(3)}`,
        textAnchor: "start",
        dx: 10,
        fill: VERMILION,
      }),
    ],
  }, options);
}
