/**
 * Cards: a title, and names with values under it, for what is told better in words than in a chart.
 *
 * @module
 */

import { FONT, inkOf } from "./chart.ts";
import type { Picture } from "./display.ts";
import { longestOf, truncate } from "./letters.ts";
import { escapeHtml } from "./page.ts";

/** What a card says. */
export interface Card {
  readonly title: string;
  /** Names and values, a line each. */
  readonly lines: readonly (readonly [name: string, value: string])[];
}

const INK = inkOf({});
const LINE = 20, LEFT = 16, WIDTH = 720, TOP = 62;

/** Draws a card. */
export function cardOf({ title, lines }: Card): Picture {
  const names = lines.map(([name]) => name), longest = Math.max(0, ...names.map(({ length }) => length));
  const second = LEFT + 24 + Math.ceil(longestOf(names));
  const height = TOP + LINE * lines.length;
  const texts = lines.map(([name, value], i) => {
    const y = TOP + LINE * i;
    return `<text x="${LEFT}" y="${y}" fill-opacity="0.7">${escapeHtml(name)}</text><text x="${second}" y="${y}">${
      escapeHtml(truncate(value, WIDTH - second))
    }</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ` +
    `${height}" font-family="${FONT}" font-size="13" fill="${INK}"><rect width="${WIDTH}" height="${height}" ` +
    `fill="white"/><text x="${LEFT}" y="30" font-size="16" font-weight="600">${escapeHtml(title)}</text>${
      texts.join("")
    }</svg>`;
  const text = [title, ...lines.map(([name, value]) => `  ${name.padEnd(longest)}  ${value}`)].join("\n");
  return { svg, text };
}
