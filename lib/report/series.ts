/**
 * How several series in one chart are told apart: by colour, by the shape of their points, and by the stroke.
 *
 * @module
 */

import type { SymbolType } from "@observablehq/plot";
import { BLUE, type FrameOptions, GREEN, inkOf, ORANGE, PURPLE, SKY, VERMILION } from "./chart.ts";

/** How a series looks. */
export interface SeriesStyle {
  readonly colour: string;
  readonly symbol: SymbolType;
  /** As `stroke-dasharray` has it. */
  readonly dash: string;
}

/** Shapes of points, in the order in which series take them. */
export const SYMBOLS: readonly SymbolType[] = ["circle", "square", "triangle", "diamond", "star", "cross", "wye"];
const DASHES = ["none", "7 4", "2 3"];

/** Returns the look of the series of a number, from 0: no two of the first 49 have the same colour and shape. */
export function seriesStyle(number: number, options: FrameOptions): SeriesStyle {
  const colours = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, inkOf(options)];
  const place = number % colours.length, round = Math.floor(number / colours.length);
  return {
    colour: colours[place]!,
    symbol: SYMBOLS[(place + 3 * round) % SYMBOLS.length]!,
    dash: DASHES[round % DASHES.length]!,
  };
}

/** Candidates of a search that are drawn at most. */
export const MOST_DOTS = 2000;

/**
 * Takes at most so many of a list, at even distances, the first and the last among them: more points than pixels only
 * make a file large.
 */
export function thin<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.round(i * (values.length - 1) / (most - 1))]!);
}
