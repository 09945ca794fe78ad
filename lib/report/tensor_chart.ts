/**
 * What values a tensor has: how often each, and where.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, inkOf } from "./chart.ts";
import { besides } from "./compose.ts";
import { summarise } from "./tensor_summary.ts";

/** How the chart looks. */
export interface TensorChartOptions extends FrameOptions {
  /** Heading. @default {"Values"} */
  readonly title?: string;
}

const BINS = 48;
/** Cells of a heat map: each is a mean over as many values as it must be. */
const MOST_ROWS = 24, MOST_COLUMNS = 48;

/**
 * Draws how often values occur as an SVG document and, for a matrix, beside it a heat map of where they are: blue below
 * zero, red above. Leading dimensions are rows. Of a large matrix each cell is the mean of a block of values. Values that
 * are not finite are left out.
 *
 * @param shape Its product is the number of values.
 */
export function tensorChart(
  values: ArrayLike<number>,
  shape: readonly number[],
  options: TensorChartOptions = {},
): string {
  const { title = "Values", height = 320 } = options;
  const columns = shape.at(-1) ?? 1, rows = values.length / columns;
  const matrix = shape.length > 1 && rows > 1 && columns > 1;
  const histogram = histogramChart(values, { ...options, title, height, width: matrix ? 360 : 720 });
  return matrix ? besides(histogram, heatMap(values, rows, columns, { ...options, height, width: 360 })) : histogram;
}

function histogramChart(values: ArrayLike<number>, options: TensorChartOptions & { title: string }): string {
  const { least, most } = summarise(values);
  const width = (most - least || 1) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(BINS - 1, Math.floor((values[i]! - least) / width));
    if (Number.isFinite(values[i])) counts[bin]!++;
  }
  const bars = counts.map((count, i) => ({ from: least + i * width, to: least + (i + 1) * width, count }));
  return drawChart({
    ...{ marginTop: 68, marginBottom: 44, marginLeft: 52 },
    x: { label: "value", labelAnchor: "center", labelArrow: "none", labelOffset: 38, ticks: 5 },
    y: { label: null, grid: true, tickFormat: "~s", ticks: 5 },
    marks: [
      ...heading(options.title, "↑ how many values"),
      Plot.rectY(bars, { x1: "from", x2: "to", y: "count", fill: BLUE, inset: 0.5 }),
      Plot.ruleY([0], { stroke: inkOf(options) }),
    ],
  }, options);
}

function heatMap(values: ArrayLike<number>, rows: number, columns: number, options: FrameOptions): string {
  const blocksDown = Math.min(MOST_ROWS, rows), blocksAcross = Math.min(MOST_COLUMNS, columns);
  const sums = new Float64Array(blocksDown * blocksAcross), counts = new Float64Array(sums.length);
  for (let i = 0; i < rows * columns; i++) {
    if (!Number.isFinite(values[i])) continue;
    const down = Math.floor(Math.floor(i / columns) * blocksDown / rows);
    const cell = down * blocksAcross + Math.floor((i % columns) * blocksAcross / columns);
    sums[cell]! += values[i]!;
    counts[cell]!++;
  }
  const cells = Array.from(sums, (sum, i) => ({
    ...{ down: Math.floor(i / blocksAcross), across: i % blocksAcross },
    mean: counts[i] ? sum / counts[i]! : NaN,
  }));
  const far = cells.reduce((most, { mean }) => Math.max(most, Math.abs(mean) || 0), 0) || 1;
  const means = rows > blocksDown || columns > blocksAcross ? ["each cell is the mean of a block"] : [];
  const captions = [`${rows} rows down, ${columns} columns across`, ...means];
  return drawChart({
    ...{ marginTop: 68, marginBottom: 44, marginLeft: 52 },
    x: {
      type: "band",
      label: "column",
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 38,
      axis: null,
      padding: 0,
    },
    y: { type: "band", label: null, axis: null, padding: 0 },
    color: { type: "linear", scheme: "RdBu", reverse: true, domain: [-far, far] },
    marks: [
      ...captions.map((text, i) => line(text, -26 - 18 * (captions.length - 1 - i))),
      Plot.cell(cells, { x: "across", y: "down", fill: "mean" }),
      Plot.text([`blue −${far.toPrecision(3)}, white 0, red ${far.toPrecision(3)}`], {
        ...{ frameAnchor: "bottom-left", dy: 30, fillOpacity: 0.8 },
      }),
    ],
  }, options);
}

function heading(title: string, axis: string): Plot.Markish[] {
  return [
    line(title, -56, { fontSize: 16, fontWeight: 600, lineWidth: 17, textOverflow: "ellipsis" }),
    line(axis, -26),
  ];
}

function line(text: string, dy: number, more: Plot.TextOptions = {}): Plot.Markish {
  return Plot.text([text], { frameAnchor: "top-left", dx: -36, dy, ...more });
}
