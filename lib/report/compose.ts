/**
 * Pictures put together: with lines of text beneath, or with another beside.
 *
 * @module
 */

import { FONT, inkOf } from "./chart.ts";
import { show } from "../unknown.ts";
import { truncate } from "./letters.ts";
import { escapeHtml } from "./page.ts";

/** What stands beneath a picture. */
export interface CaptionOptions {
  /** Lines of text; what is too long for the picture's width is cut. */
  readonly lines: readonly string[];
  /** Colour of the first line. @default {the ink} */
  readonly colour?: string;
  /** Pixels that the picture takes at least, so that one that replaces another has its size. @default {its own height} */
  readonly height?: number;
}

const INK = inkOf({});
const LINE = 18, LEFT = 10;

/** Sets lines of text beneath an SVG document, and returns both as one. */
export function captioned(svg: string, { lines, colour = INK, height: least = 0 }: CaptionOptions): string {
  const size = sizeOf(svg);
  const width = size.width, height = Math.max(size.height, least);
  const texts = lines.map((line, i) => {
    return `<text x="${LEFT}" y="${height + LINE * (i + 0.75)}" fill="${i === 0 ? colour : INK}">${
      escapeHtml(truncate(line, width - 2 * LEFT))
    }</text>`;
  });
  const whole = height + LINE * lines.length + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" ` +
    `font-family="${FONT}" font-size="13"><rect width="${width}" height="${whole}" fill="white"/>${svg}${
      texts.join("")
    }</svg>`;
}

/** Sets two SVG documents beside each other, and returns both as one. */
export function besides(left: string, right: string): string {
  const [a, b] = [sizeOf(left), sizeOf(right)];
  const width = a.width + b.width, height = Math.max(a.height, b.height);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${left}<svg x="${a.width}" width="${b.width}" height="${b.height}">${right}</svg></svg>`;
}

function sizeOf(svg: string): { width: number; height: number } {
  const tag = /^<svg[^>]*>/.exec(svg)?.[0] ?? "";
  const size = (name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(tag)?.[1]);
  const found = { width: size("width"), height: size("height") };
  if (found.width > 0 && found.height > 0) return found;
  throw new RangeError(
    `Cannot compose pictures: each must be an SVG with 'width' and 'height', found ${show(svg.slice(0, 60))}`,
  );
}
