/**
 * What all charts have in common: the frame, the palette, and SVG out of Plot.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** How a chart looks. */
export interface FrameOptions {
  /** In pixels. @default {720} */
  readonly width?: number;
  /** In pixels. @default {400} */
  readonly height?: number;
  /** Whether it is part of a page, and takes its background and the colour of its text. @default {false} */
  readonly inline?: boolean;
}

/** Of Okabe and Ito's palette, which colour-blind readers tell apart. */
export const VERMILION = "#d55e00", BLUE = "#0072b2", GREEN = "#009e73", PURPLE = "#cc79a7", ORANGE = "#e69f00";
const INK = "#222222";

/** Returns the colour of lines and texts that have none of their own. */
export function inkOf({ inline = false }: FrameOptions): string {
  return inline ? "currentColor" : INK;
}

/** Draws a plot as an SVG document. */
export function drawChart(plot: Plot.PlotOptions, options: FrameOptions): string {
  const { width = 720, height = 400, inline = false } = options;
  const ink = inkOf(options);
  // Plot and linkedom both describe the browser's document, whose types Deno leaves out.
  const { document } = parseHTML("<html><body></body></html>") as unknown as Pick<Plot.PlotOptions, "document">;
  const background = inline ? "none" : "white";
  const svg = Plot.plot({
    ...(document && { document }),
    width,
    height,
    style: { background, color: ink, fontSize: "13px", fontFamily: "system-ui, sans-serif" },
    ...plot,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const text = svg.outerHTML.replaceAll("currentColor", ink);
  // On a dark page the palette's lighter blue is easier to see.
  return inline ? text.replaceAll(BLUE, `var(--blue, ${BLUE})`) : text;
}
