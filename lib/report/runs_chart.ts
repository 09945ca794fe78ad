/**
 * Loss curves of several runs in one chart.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { mean, standardDeviation } from "../statistics.ts";
import { drawChart, type FrameOptions, inkOf } from "./chart.ts";
import { type EndLabel, endLabels, LABEL_HEIGHT, labelRoom } from "./end_labels.ts";
import { belowFrame, layHeading } from "./heading.ts";
import { shorten } from "./letters.ts";
import type { ReferenceLine } from "./loss_chart.ts";
import { type SeriesStyle, seriesStyle, thin } from "./series.ts";

/** What the chart reads of a log row. */
export interface RunRow {
  /** Tokens trained on. */
  readonly tokens: number;
  /** FLOPs spent so far. */
  readonly flops?: number;
  /** Seconds of training so far. */
  readonly elapsed_s?: number;
  /** Training loss, in nats per token. */
  readonly loss: number;
  /** What is drawn in its place, where the loss has more parts. */
  readonly cross_entropy?: number;
  /** Validation loss, in nats per token. */
  readonly val_loss?: number;
  /** The same in bits per byte. */
  readonly val_bpb?: number;
}

/** A run in the chart. */
export interface RunCurve {
  /** Runs of one label are one curve: commonly those that differ in nothing but their seed. */
  readonly label: string;
  /** Its log. */
  readonly rows: readonly RunRow[];
}

/** What a run is measured by along the horizontal axis. */
export type RunAxis = "tokens" | "flops" | "elapsed_s";

/** How the chart looks, and what it shows. */
export interface RunsChartOptions extends FrameOptions {
  /** Heading. @default {"Validation loss" or "Training loss"} */
  readonly title?: string;
  /** What runs along the horizontal axis. @default {"tokens"} */
  readonly x?: RunAxis;
  /** Whether that axis is logarithmic. @default {false} */
  readonly log?: boolean;
  /** Which loss. @default {"validation", or "training" where a run was validated less than twice} */
  readonly loss?: "validation" | "training";
  /** Unit of losses; only bits per byte compare across tokenizers. @default {"nats"} */
  readonly unit?: "nats" | "bits";
  /** Losses to compare with, in nats per token, drawn as lines across; with bits per byte there can be none. */
  readonly references?: readonly ReferenceLine[];
}

const AXES: Readonly<Record<RunAxis, string>> = {
  tokens: "training tokens",
  flops: "FLOPs",
  elapsed_s: "seconds of training",
};

interface Sample {
  readonly x: number;
  readonly y: number;
}

interface Band extends Sample {
  readonly low: number;
  readonly high: number;
}

interface Curve extends SeriesStyle {
  readonly runs: number;
  readonly label: string;
  readonly points: readonly Band[];
}

/** Points of a curve that are drawn at most. */
const MOST_POINTS = 400;

/**
 * Draws the losses of runs as an SVG document: one curve for each label, the mean of its runs with a band of one standard
 * deviation to either side. A mean goes as far as all its runs do, along straight lines between their rows.
 *
 * @throws {RangeError} If there is no run, a run has no row with what is asked for, or runs of one label have no part of
 *   the horizontal axis in common.
 */
export function runsChart(runs: readonly RunCurve[], options: RunsChartOptions = {}): string {
  const { x = "tokens", log = false, unit = "nats", references = [], width = 720 } = options;
  if (runs.length === 0) throw new RangeError("Cannot draw the runs: there must be at least one, found none");
  const validated = (rows: readonly RunRow[]) => rows.filter(({ val_loss }) => val_loss !== undefined).length;
  const { loss = runs.every(({ rows }) => validated(rows) > 1) ? "validation" : "training" } = options;
  if (unit === "bits" && references.length > 0) {
    throw new RangeError(
      `Cannot draw the runs: references must be absent where losses are in bits, found ${references.length}; use nats`,
    );
  }
  const groups = [...Map.groupBy(runs, ({ label }) => label)];
  const curves = groups.map(([label, members], number): Curve => ({
    ...seriesStyle(number, options),
    ...{ label, runs: members.length },
    points: meanOf(label, members.map((run) => samplesOf(run, { x, loss, unit, log })), log),
  }));
  const labels = curves.map(({ points, label, runs, ...style }): EndLabel => {
    const { y } = points.at(-1)!;
    return { ...style, y, text: `${shorten(label, 30)} ${y.toFixed(2)}${runs > 1 ? ` (${runs} runs)` : ""}` };
  });
  const banded = curves.some(({ runs }) => runs > 1);
  const { title = loss === "validation" ? "Validation loss" : "Training loss" } = options;
  const heading = layHeading({
    title,
    axis: `${loss} loss, ${unit === "nats" ? "nats per token" : "bits per byte"}` +
      (banded ? "; bands: one standard deviation" : ""),
  }, width);
  const ink = inkOf(options);
  const height = heading.margins.marginTop + 60 + LABEL_HEIGHT * labels.length;
  return drawChart({
    ...heading.margins,
    marginRight: labelRoom(labels),
    x: { ...belowFrame(AXES[x]), ...(log ? { type: "log", ticks: 4 } : { ticks: 6 }), tickFormat: "~s" },
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading.marks,
      Plot.ruleY(references, { y: "loss", stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.text(references, { y: "loss", text: "name", frameAnchor: "left", textAnchor: "start", dx: 6, dy: -8 }),
      ...curves.flatMap(drawCurve),
      ...endLabels(labels),
    ],
  }, { ...options, width, height: Math.max(options.height ?? 400, height) });
}

function drawCurve({ points, colour, symbol, dash, runs }: Curve): Plot.Markish[] {
  const at = { x: "x", y: "y" } as const;
  return [
    ...(runs > 1 ? [Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: colour, fillOpacity: 0.2 })] : []),
    Plot.line(points, { ...at, stroke: colour, strokeWidth: 2, strokeDasharray: dash }),
    Plot.dot(thin(points, Math.min(6, points.length)), { ...at, fill: colour, symbol, r: 4 }),
  ];
}

type Choice = Required<Pick<RunsChartOptions, "x" | "loss" | "unit" | "log">>;

function samplesOf({ label, rows }: RunCurve, { x, loss, unit, log }: Choice): readonly Sample[] {
  const first = rows.find(({ val_bpb, val_loss }) => val_bpb !== undefined && val_loss !== undefined);
  const scale = unit === "nats" ? 1 : first && first.val_bpb! / first.val_loss!;
  const samples = rows.flatMap((row) => {
    const at = row[x];
    const nats = loss === "validation" ? row.val_loss : row.cross_entropy ?? row.loss;
    if (at === undefined || nats === undefined || scale === undefined || (log && at <= 0)) return [];
    return [{ x: at, y: nats * scale }];
  });
  if (samples.length > 0) return thin(samples, MOST_POINTS);
  const needs = [x, ...(scale === undefined ? ["val_bpb"] : []), ...(loss === "validation" ? ["val_loss"] : [])];
  throw new RangeError(
    `Cannot draw the run '${label}': at least one row must have ${
      needs.join(" and ")
    }, found none in ${rows.length} rows`,
  );
}

function meanOf(label: string, runs: readonly (readonly Sample[])[], log: boolean): Band[] {
  const least = Math.max(...runs.map((samples) => samples[0]!.x));
  const most = Math.min(...runs.map((samples) => samples.at(-1)!.x));
  if (least > most) {
    throw new RangeError(
      `Cannot draw the runs '${label}': they must have a part in common, found one from ${least} on and one up to ` +
        `${most}; give them labels of their own`,
    );
  }
  const places = new Set(runs.flatMap((samples) => samples.map(({ x }) => x).filter((x) => x >= least && x <= most)));
  return thin([...places].sort((a, b) => a - b), MOST_POINTS).map((x) => {
    const values = runs.map((samples) => valueAt(samples, x, log));
    const y = mean(values), deviation = standardDeviation(values);
    return { x, y, low: y - deviation, high: y + deviation };
  });
}

/** The height of the straight line between the samples beside `x`. */
function valueAt(samples: readonly Sample[], x: number, log: boolean): number {
  const after = samples.findIndex((sample) => sample.x >= x);
  const high = samples[after]!, low = samples[Math.max(0, after - 1)]!;
  if (high.x === low.x) return high.y;
  const place = log ? Math.log : (value: number) => value;
  return low.y + (high.y - low.y) * (place(x) - place(low.x)) / (place(high.x) - place(low.x));
}
