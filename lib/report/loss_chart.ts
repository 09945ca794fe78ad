/**
 * Loss curves.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { BLUE, drawChart, type FrameOptions, inkOf, PAPER, VERMILION } from "./chart.ts";
import { belowFrame, layHeading } from "./heading.ts";

/** What the chart reads of a log row. */
export interface ChartRow {
  /** Tokens trained on. */
  readonly tokens: number;
  /** Training loss, in nats per token. */
  readonly loss: number;
  /** What is drawn in its place, where the loss has more parts. */
  readonly cross_entropy?: number;
  /** Validation loss, in nats per token. */
  readonly val_loss?: number;
  /** The same in bits per byte. */
  readonly val_bpb?: number;
  /** Token frequencies alone on the validation split, in bits per byte. */
  readonly unigram_bpb?: number;
  /** An interpolated bigram model on it, in bits per byte. */
  readonly bigram_bpb?: number;
}

/** A loss to compare with, drawn as a line across. */
export interface ReferenceLine {
  /** What stands at the line. */
  readonly name: string;
  /** In nats a token. */
  readonly loss: number;
}

/** How the chart looks, and what else is in it. */
export interface ChartOptions extends FrameOptions {
  /** Heading. @default {"Validation loss"} */
  readonly title?: string;
  /** Losses to compare with, besides the baselines. @default {[]} */
  readonly references?: readonly ReferenceLine[];
}

const VALIDATION = VERMILION;
const TRAINING = BLUE;
/** The share of the vertical axis that a line of text takes. */
export const TEXT_SHARE = 0.06;

/**
 * Draws bits per byte against tokens as an SVG document: training and validation loss, with the baselines as lines
 * across.
 *
 * Training losses are brought to bits per byte with the validation split's bytes per token.
 *
 * @throws {RangeError} If no row has a validation loss.
 */
export function lossChart(rows: readonly ChartRow[], options: ChartOptions = {}): string {
  const { title = "Validation loss", references = [], width = 720 } = options;
  const ink = inkOf(options);
  const validated = rows.filter((row) => row.val_bpb !== undefined && row.val_loss !== undefined);
  const reference = validated[0];
  if (!reference) {
    throw new RangeError(
      `Cannot draw the loss: at least one row must have a validation loss, found none in ${rows.length} rows`,
    );
  }
  const bitsPerNat = reference.val_bpb! / reference.val_loss!;
  const training = rows.map(({ tokens, loss, cross_entropy }) => ({
    tokens,
    bits: (cross_entropy ?? loss) * bitsPerNat,
  }));
  const validation = validated.map(({ tokens, val_bpb }) => ({ tokens, bits: val_bpb! }));
  const first = rows.find((row) => row.unigram_bpb !== undefined);
  const end = { tokens: validation.at(-1)!.tokens, bits: validation.at(-1)!.bits };
  // Each name stands at the end of its line that the curves do not come near, above it if no other line is there.
  const lines = [
    { name: "unigram baseline", bits: first?.unigram_bpb },
    { name: "bigram baseline", bits: first?.bigram_bpb },
    ...references.map(({ name, loss }) => ({ name, bits: loss * bitsPerNat })),
  ].flatMap(({ name, bits }) => bits === undefined ? [] : { name, bits });
  const all = [...lines, ...training, ...validation].map(({ bits }) => bits);
  const near = TEXT_SHARE * (Math.max(...all) - Math.min(...all));
  const baselines = lines.map(({ name, bits }) => {
    const left = Math.abs(training[0]!.bits - bits) > Math.abs(end.bits - bits);
    const crowded = lines.some((other) => other.bits > bits && other.bits - bits < near);
    return {
      name,
      bits,
      dy: crowded ? 10 : -8,
      ...(left ? { tokens: training[0]!.tokens, anchor: "start" } : { ...end, bits, anchor: "end" }),
    };
  });

  const heading = layHeading({ title, axis: "bits per byte" }, width);
  return drawChart({
    ...heading.margins,
    marginRight: 130,
    x: { ...belowFrame("training tokens"), tickFormat: "~s", ticks: 6 },
    y: { label: null, grid: true, nice: true },
    marks: [
      ...heading.marks,
      Plot.ruleY(baselines, { y: "bits", stroke: ink, strokeDasharray: "4 4", strokeOpacity: 0.6 }),
      ...baselines.map((baseline) =>
        Plot.text([baseline], {
          x: "tokens",
          y: "bits",
          text: "name",
          textAnchor: baseline.anchor as "start" | "end",
          dy: baseline.dy,
          // Plot takes the fill away from texts that have an outline.
          fill: ink,
          fillOpacity: 0.8,
          stroke: PAPER,
          strokeWidth: 4,
        })
      ),
      Plot.line(training, { x: "tokens", y: "bits", stroke: TRAINING, strokeOpacity: 0.7 }),
      Plot.line(validation, { x: "tokens", y: "bits", stroke: VALIDATION, strokeWidth: 2.5 }),
      Plot.dot(validation, { x: "tokens", y: "bits", fill: VALIDATION, r: 4 }),
      Plot.text([{ ...end, name: `validation ${end.bits.toFixed(2)}` }], {
        x: "tokens",
        y: "bits",
        text: "name",
        textAnchor: "start",
        dx: 10,
        fill: VALIDATION,
      }),
      Plot.text([{ ...training[0]!, name: "training" }], {
        x: "tokens",
        y: "bits",
        text: "name",
        textAnchor: "start",
        dx: 10,
        dy: -10,
        fill: TRAINING,
      }),
    ],
  }, options);
}
