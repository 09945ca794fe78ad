/**
 * Charts of searches.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { fitnessAxis } from "../search/fitness_words.ts";
import type { FitnessName } from "../search/sub_network_config.ts";
import { BLUE, drawChart, type FrameOptions, GREEN, ORANGE, PURPLE, VERMILION } from "./chart.ts";
import { endLabels, labelRoom } from "./end_labels.ts";
import { belowFrame, layHeading } from "./heading.ts";
import { MOST_DOTS, SYMBOLS, thin } from "./series.ts";

/** What the chart reads of a row. */
export interface SearchChartRow {
  /** Number of the evaluation. */
  readonly evaluation: number;
  /** What it was judged by, in nats a token. */
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
  /** What candidates were judged by. @default {not known: the axis has its unit alone} */
  readonly fitness?: FitnessName | undefined;
}

const BEST = VERMILION, CANDIDATE = BLUE;
const STARTS = [GREEN, PURPLE, ORANGE];
/** Other shapes than that of a candidate. */
const START_SYMBOLS = SYMBOLS.filter((symbol) => symbol !== "circle");

/**
 * Draws what candidates were judged by against evaluations as an SVG document: all candidates as dots, those that the
 * search began with in colours and shapes of their kinds, and the best so far as a line. Of more than 2,000 candidates
 * some are left out, at even distances.
 *
 * @throws {RangeError} If there is no row.
 */
export function searchChart(rows: readonly SearchChartRow[], options: SearchChartOptions = {}): string {
  const { title = "Search", fitness, width = 720 } = options;
  const last = rows.at(-1);
  if (!last) throw new RangeError("Cannot draw the search: there must be at least one row, found none");
  const kinds = [...new Set(rows.flatMap(({ start }) => start ?? []))];
  const looks = [
    { kind: "candidate", colour: CANDIDATE, symbol: "circle" as const },
    ...kinds.map((kind, i) => ({
      ...{ kind, colour: STARTS[i % STARTS.length]!, symbol: START_SYMBOLS[i % START_SYMBOLS.length]! },
    })),
  ];
  const best = {
    text: `best ${last.best.toFixed(3)}`,
    y: last.best,
    colour: BEST,
    symbol: "circle",
    dash: "none",
  } as const;
  const drawn = thin(rows, MOST_DOTS);
  const heading = layHeading({
    title,
    notes: [
      `${last.flops.toExponential(2)} FLOPs for ${last.evaluation} evaluations` +
      (drawn.length < rows.length ? `, ${drawn.length} of them drawn` : ""),
    ],
    key: [
      { text: "lowest so far", colour: BEST },
      ...looks.map(({ kind, colour, symbol }) => ({ text: kind, colour, symbol })),
    ],
    axis: fitnessAxis(fitness),
  }, width);
  const at = { x: "evaluation", y: "fitness" } as const;
  return drawChart({
    ...heading.margins,
    marginRight: labelRoom([best]),
    x: { ...belowFrame("evaluations"), domain: [0, Math.max(2, last.evaluation)], ticks: Math.min(8, last.evaluation) },
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading.marks,
      ...looks.map(({ kind, colour, symbol }) =>
        Plot.dot(drawn.filter(({ start = "candidate" }) => start === kind), {
          ...{ ...at, fill: colour, fillOpacity: 0.7, symbol, r: kind === "candidate" ? 3 : 4 },
        })
      ),
      Plot.line(drawn, { x: "evaluation", y: "best", stroke: BEST, strokeWidth: 2.5, curve: "step-after" }),
      ...endLabels([best]),
    ],
  }, { ...options, width });
}
