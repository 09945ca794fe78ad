/**
 * What all charts have in common: the palette, the size, and SVG out of Plot.
 *
 * A chart that stands alone is a sheet of white paper, in light and dark surroundings alike: a picture made of it and a
 * print of it cannot know the reader's theme. A chart in a page takes the page's colours, which know it.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** How a chart looks. */
export interface FrameOptions {
  /** In pixels. @default {720} */
  readonly width?: number;
  /** In pixels; more where what is to be seen needs it. @default {400} */
  readonly height?: number;
  /** Whether it is part of a page, and takes its background and its colours. @default {false} */
  readonly inline?: boolean;
}

/** Of Okabe and Ito's palette, which colour-blind readers tell apart. */
export const VERMILION = "#d55e00",
  BLUE = "#0072b2",
  GREEN = "#009e73",
  PURPLE = "#cc79a7",
  ORANGE = "#e69f00",
  SKY = "#56b4e9";
/** What is written on a dark colour of the palette. */
export const PAPER = "#fffffe";
const INK = "#222222";

/** Colours that a page may have others for, by the names of its own. */
const OF_PAGE: Readonly<Record<string, string>> = { [BLUE]: "--blue", [SKY]: "--sky", [PAPER]: "--paper" };

/** Returns the colour of lines and texts that have none of their own. */
export function inkOf({ inline = false }: FrameOptions): string {
  return inline ? "currentColor" : INK;
}

/** The font of all texts. */
export const FONT = "system-ui, sans-serif";

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
    style: { background, color: ink, fontSize: "13px", fontFamily: FONT },
    ...plot,
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const text = rounded(svg.outerHTML).replaceAll("currentColor", ink);
  if (!inline) return text;
  return Object.entries(OF_PAGE).reduce(
    (all, [colour, name]) => all.replaceAll(colour, `var(${name}, ${colour})`),
    text,
  );
}

/** Writes positions to hundredths of a pixel: more digits make files a third larger, and nothing clearer. */
function rounded(svg: string): string {
  const round = (number: string, opacity?: string) => opacity ? number : String(Math.round(100 * Number(number)) / 100);
  return svg.replace(/<[^>]+>/g, (tag) => tag.replace(/(opacity=")?\d+\.\d{3,}/g, round));
}
