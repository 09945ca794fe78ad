/**
 * Bars side by side: a few numbers of several series.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { drawChart, type FrameOptions, inkOf } from "./chart.ts";
import { layHeading } from "./heading.ts";
import { shorten } from "./letters.ts";
import { seriesStyle } from "./series.ts";

/** A number of each category. */
export interface BarSeries {
  /** What the key calls it. */
  readonly label: string;
  /** In the order of the categories. */
  readonly values: ArrayLike<number>;
}

/** How the chart looks, and what it shows. */
export interface BarsChartOptions extends FrameOptions {
  /** Heading. @default {"Values"} */
  readonly title?: string;
  /** What stands under each group of bars. */
  readonly categories: readonly string[];
  /** What the heights are, and their unit. */
  readonly axis: string;
}

/** Share of a group's width that stays empty. */
const GAP = 0.2;
/** Letters of a category's name that are shown at most. */
const MOST_LETTERS = 16;
/** Categories whose names fit side by side; those of more are turned. */
const MOST_LEVEL = 6;

/**
 * Draws numbers as an SVG document: a group of bars for each category, and in it a bar for each series.
 *
 * @throws {RangeError} If there is no series or no category, a series has not a number for each category, or one is not
 *   finite.
 */
export function barsChart(series: readonly BarSeries[], options: BarsChartOptions): string {
  const { title = "Values", categories, axis, width = 720 } = options;
  check(series, categories);
  const styles = series.map((_, number) => seriesStyle(number, options));
  const wide = (1 - GAP) / series.length;
  const bars = series.flatMap(({ values }, number) =>
    categories.map((_, i) => {
      const from = i + GAP / 2 + wide * number;
      return { from, to: from + wide, value: values[i]!, colour: styles[number]!.colour };
    })
  );
  const heading = layHeading({
    title,
    axis,
    key: series.map(({ label }, i) => ({ text: label, colour: styles[i]!.colour, symbol: "square" })),
  }, width);
  const turned = categories.length > MOST_LEVEL;
  // Groups are told apart by their place, as names may occur twice.
  const names = categories.map((name, i) => ({ x: i + 0.5, name: shorten(name, MOST_LETTERS) }));
  return drawChart({
    ...heading.margins,
    marginBottom: turned ? 92 : 34,
    x: { axis: null, domain: [0, categories.length] },
    y: { label: null, grid: true, nice: true, tickFormat: "~g" },
    marks: [
      ...heading.marks,
      Plot.rectY(bars, { x1: "from", x2: "to", y1: 0, y2: "value", fill: "colour", insetLeft: 0.5, insetRight: 0.5 }),
      Plot.ruleY([0], { stroke: inkOf(options) }),
      Plot.text(names, {
        ...{ x: "x", text: "name", frameAnchor: "bottom", dy: 16 },
        ...(turned && { rotate: -40, textAnchor: "end" as const }),
      }),
    ],
  }, { ...options, width });
}

function check(series: readonly BarSeries[], categories: readonly string[]): void {
  const refuse = (rule: string, found: unknown) => {
    throw new RangeError(`Cannot draw the bars: ${rule}, found ${found}`);
  };
  if (series.length === 0) refuse("there must be a series", "none");
  if (categories.length === 0) refuse("there must be a category", "none");
  for (const { label, values } of series) {
    if (values.length !== categories.length) {
      refuse(`'${label}' must have a value for each of ${categories.length} categories`, values.length);
    }
    const wrong = Array.from(values).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) refuse(`values of '${label}' must be finite`, wrong);
  }
}
