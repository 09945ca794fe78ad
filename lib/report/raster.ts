/**
 * Rows of cells that are the darker, the more there is of something: for charts of the parts of a model.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { mean } from "../statistics.ts";
import { BLUE } from "./chart.ts";
import type { LaidHeading } from "./heading.ts";

/** A cell, in pixels. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** From 0, which is empty, to 1, which is full. */
  readonly share: number;
}

/** Where a row of cells lies, in pixels. */
export interface CellRow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Lays values side by side; more than fit at two pixels each are put together and stand for their mean. */
export function cellsOf(values: ArrayLike<number>, { x, y, width, height }: CellRow): Cell[] {
  const bins = binned(values, Math.min(values.length, Math.floor(width / 2)));
  const step = width / bins.length;
  const gap = step >= 8 ? 1 : 0;
  return bins.map((share, i) => ({ x: x + i * step, y, width: step - gap, height, share }));
}

/** Puts neighbours together into `count` bins of about the same size, each the mean of its values. */
export function binned(values: ArrayLike<number>, count: number): number[] {
  const all = Array.from(values);
  const edge = (bin: number) => Math.floor(bin * all.length / count);
  return Array.from({ length: count }, (_, bin) => mean(all.slice(edge(bin), edge(bin + 1))));
}

/**
 * Draws rows of cells in one colour, and what has nothing in it as an outline: a cell, or the whole row where cells are
 * too narrow for outlines of their own. Places are pixels: see {@linkcode onPixels}.
 */
export function drawCells(rows: readonly (readonly Cell[])[]): Plot.Markish[] {
  const place = { x1: "x", y1: "y", x2: ({ x, width }: Cell) => x + width, y2: ({ y, height }: Cell) => y + height };
  const outlines = rows.flatMap((cells) => {
    const first = cells[0]!, last = cells.at(-1)!;
    if (first.width < 7) return [{ ...first, width: last.x + last.width - first.x }];
    return cells.filter(({ share }) => share === 0);
  });
  return [
    Plot.rect(rows.flat().filter(({ share }) => share > 0), { ...place, fill: BLUE, fillOpacity: "share" }),
    Plot.rect(outlines, { ...place, stroke: BLUE, strokeOpacity: 0.4 }),
  ];
}

/** Options of a plot whose marks are placed in pixels of the whole chart, under a heading laid out from its left edge. */
export function onPixels({ margins }: LaidHeading): Plot.PlotOptions {
  return {
    ...{ x: { type: "identity", axis: null }, y: { type: "identity", axis: null }, opacity: { type: "identity" } },
    ...{ ...margins, marginRight: 0, marginBottom: 0 },
  };
}
