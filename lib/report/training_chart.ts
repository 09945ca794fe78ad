/**
 * The loss of one run while it goes on.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, inkOf, VERMILION } from "./chart.ts";
import { type ChartRow, TEXT_SHARE } from "./loss_chart.ts";

/** What the chart reads of a log row. */
export interface TrainingChartRow extends ChartRow {
  /** Baselines on the validation split, in nats per token. */
  readonly unigram_loss?: number;
  readonly bigram_loss?: number;
}

/** How the chart looks. */
export interface TrainingChartOptions extends FrameOptions {
  /** @default {"Loss in training"} */
  readonly title?: string;
}

/** Points that a curve has at most: more make only the file larger. */
const MOST_POINTS = 600;

/**
 * Draws training and validation loss against tokens as an SVG document, in nats per token, which are known from the first
 * row on. The axes begin at no tokens, and cover all that was and the baselines, so that those of a longer run only grow.
 *
 * @throws {RangeError} If there is no row.
 */
export function trainingChart(rows: readonly TrainingChartRow[], options: TrainingChartOptions = {}): string {
  const { title = "Loss in training" } = options;
  const [first] = rows, last = rows.at(-1);
  if (!first || !last) throw new RangeError("Cannot draw the training: there must be at least one row, found none");
  const ink = inkOf(options);
  const every = Math.ceil(rows.length / MOST_POINTS);
  const training = rows.filter((row, i) => row === last || i % every === 0)
    .map(({ tokens, loss, cross_entropy }) => ({ tokens, loss: cross_entropy ?? loss }));
  const validation = rows.flatMap(({ tokens, val_loss }) => val_loss === undefined ? [] : { tokens, loss: val_loss });
  const baselines = [
    { name: "unigram baseline", loss: first.unigram_loss },
    { name: "bigram baseline", loss: first.bigram_loss },
  ].filter(({ loss }) => loss !== undefined);
  const losses = [...training, ...validation, ...baselines].map(({ loss }) => loss!);
  const lowest = Math.min(...losses), highest = Math.max(...losses);
  // Plot writes the ticks of an axis without length in all digits.
  const flat = lowest === highest && { domain: [lowest - 0.5, lowest + 0.5] };
  // The names of baselines stand right of the frame, where the curves do not come, but the last validation's number may.
  const latest = validation.at(-1)?.loss ?? NaN;
  const beside = baselines.find(({ loss }) => Math.abs(loss! - latest) < TEXT_SHARE * (highest - lowest));
  const away = beside ? (beside.loss! > latest ? 10 : -10) : 0;
  const at = { x: "tokens", y: "loss" } as const;
  const key = (text: string, fill: string, line: number) =>
    Plot.text([text], { frameAnchor: "top-right", textAnchor: "end", dy: -56 + 18 * line, fill });
  return drawChart({
    marginTop: 68,
    marginRight: 120,
    marginBottom: 44,
    x: { label: "training tokens", labelOffset: 38, grid: true, tickFormat: "~s", domain: [0, last.tokens] },
    y: { label: null, grid: true, nice: true, ...flat },
    marks: [
      Plot.text([title], { frameAnchor: "top-left", dy: -56, fontSize: 16, fontWeight: 600 }),
      Plot.text(["↑ nats per token"], { frameAnchor: "top-left", dx: -36, dy: -26 }),
      key("─ training", BLUE, 0),
      ...(validation.length > 0 ? [key("● validation", VERMILION, 1)] : []),
      Plot.ruleY(baselines, { y: "loss", stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      Plot.text(baselines, {
        y: "loss",
        text: "name",
        frameAnchor: "right",
        textAnchor: "start",
        dx: 6,
        fillOpacity: 0.8,
      }),
      Plot.line(training, { ...at, stroke: BLUE, strokeOpacity: 0.7 }),
      Plot.line(validation, { ...at, stroke: VERMILION, strokeWidth: 2.5 }),
      Plot.dot(validation, { ...at, fill: VERMILION, r: 4 }),
      Plot.text(validation.slice(-1), {
        ...at,
        text: ({ loss }: { loss: number }) => loss.toFixed(3),
        textAnchor: "start",
        dx: 10,
        dy: away,
        fill: VERMILION,
      }),
    ],
  }, options);
}
