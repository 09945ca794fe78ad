/**
 * Charts of searches.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, GREEN, ORANGE, PURPLE, VERMILION } from "./chart.ts";

/** What the chart reads of a row. */
export interface SearchChartRow {
  /** Number of the evaluation. */
  readonly evaluation: number;
  /** Loss in nats a token. */
  readonly fitness: number;
  /** The lowest so far. */
  readonly best: number;
  /** FLOPs so far. */
  readonly flops: number;
  /** What kind of start it was, if it was one. */
  readonly start?: string;
}

/** How the chart looks. */
export interface SearchChartOptions extends FrameOptions {
  /** Heading. @default {"Search"} */
  readonly title?: string;
}

const BEST = VERMILION, CANDIDATE = BLUE;
const STARTS = [GREEN, PURPLE, ORANGE];

/**
 * Draws losses against evaluations as an SVG document: all candidates as dots, those that the search began with in
 * colours of their kinds, and the best so far as a line.
 *
 * @throws {RangeError} If there is no row.
 */
export function searchChart(rows: readonly SearchChartRow[], options: SearchChartOptions = {}): string {
  const { title = "Search" } = options;
  const last = rows.at(-1);
  if (!last) throw new RangeError("Cannot draw the search: there must be at least one row, found none");
  const kinds = [...new Set(rows.flatMap(({ start }) => start ?? []))];
  const domain = ["candidate", ...kinds];
  const dots = rows.map(({ evaluation, fitness, start = "candidate" }) => ({ evaluation, fitness, kind: start }));

  const color = (kind: string) => kind === "candidate" ? CANDIDATE : STARTS[kinds.indexOf(kind) % STARTS.length]!;
  return drawChart({
    marginTop: 84,
    marginRight: 110,
    marginBottom: 44,
    x: { label: "evaluations", labelOffset: 38, grid: true, domain: [0, Math.max(2, last.evaluation)] },
    y: { label: null, grid: true, nice: true },
    color: { domain, range: domain.map(color) },
    marks: [
      Plot.text([title], { frameAnchor: "top-left", dy: -72, fontSize: 16, fontWeight: 600 }),
      Plot.text([`${last.flops.toExponential(2)} FLOPs for ${last.evaluation} evaluations`], {
        frameAnchor: "top-left",
        dy: -50,
        fillOpacity: 0.8,
      }),
      Plot.text(["↑ nats per token, before any training"], { frameAnchor: "top-left", dx: -36, dy: -26 }),
      ...domain.map((kind, i) =>
        Plot.text([`● ${kind}`], { frameAnchor: "top-right", dx: 100, dy: -72 + 17 * i, fill: color(kind) })
      ),
      Plot.dot(dots, { x: "evaluation", y: "fitness", fill: "kind", fillOpacity: 0.7, r: 3 }),
      Plot.line(rows, { x: "evaluation", y: "best", stroke: BEST, strokeWidth: 2.5, curve: "step-after" }),
      Plot.text([last], {
        x: "evaluation",
        y: "best",
        text: ({ best }: SearchChartRow) => `best ${best.toFixed(3)}`,
        textAnchor: "start",
        dx: 10,
        fill: BEST,
      }),
    ],
  }, options);
}
