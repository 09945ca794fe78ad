/**
 * What all charts share: colours, type and paper.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** How a chart looks. */
export interface ChartSize {
  /** In pixels. @default {720} */
  readonly width?: number;
  /** In pixels. @default {400} */
  readonly height?: number;
}

/** Lines, text and axes. */
export const INK = "#222222";

/** Okabe and Ito's palette, which colour-blind readers tell apart; its yellow is left out, being too light on white. */
export const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"] as const;

/** Draws a plot as an SVG document on white paper, readable in print and on a dark page. */
export function svgOf(options: Plot.PlotOptions): string {
  // Plot and linkedom both describe the browser's document, whose types Deno leaves out.
  const { document } = parseHTML("<html><body></body></html>") as unknown as Pick<Plot.PlotOptions, "document">;
  const svg = Plot.plot({
    ...(document && { document }),
    style: { background: "white", color: INK, fontSize: "13px", fontFamily: "system-ui, sans-serif" },
    ...options,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML.replaceAll("currentColor", INK);
}
