/**
 * What stands above a chart: title, notes, the key of its marks and the unit of the vertical axis, each on lines of its
 * own, so that none covers another.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { LETTER } from "./letters.ts";

/** What a kind of mark means. */
export interface KeyEntry {
  readonly text: string;
  readonly colour: string;
  /** Shape of a point; without it the mark is a line. */
  readonly symbol?: Plot.SymbolType;
  /** Whether the shape is drawn as an outline. @default {false} */
  readonly hollow?: boolean;
  /** Of the shape, from 0 to 1. @default {1} */
  readonly opacity?: number;
  /** Whether a line is dashed. @default {false} */
  readonly dashed?: boolean;
}

/** What stands above a chart. */
export interface Heading {
  readonly title: string;
  /** Lines under the title. @default {[]} */
  readonly notes?: readonly string[];
  /** @default {[]} */
  readonly key?: readonly KeyEntry[];
  /** What the vertical axis shows, and its unit. */
  readonly axis?: string;
}

const LINE = 18, TITLE = 26;
/** Room left of the frame, for the numbers of the vertical axis. */
const LEFT = 52;

/** The room that a heading takes and the marks that it consists of. */
export interface LaidHeading {
  /** Margins of the plot; others may be set over them. */
  readonly margins: { readonly marginTop: number; readonly marginLeft: number; readonly marginBottom: number };
  readonly marks: readonly Plot.Markish[];
}

/** Options of a horizontal axis: what it shows, and its unit, stand under the middle of the frame. */
export function belowFrame(label: string): Plot.ScaleOptions {
  return { label, labelAnchor: "center", labelArrow: "none", labelOffset: 40, grid: true };
}

/**
 * Lays out what stands above a chart.
 *
 * @param width Of the whole chart, in pixels.
 * @param marginLeft Where the frame begins, in pixels. @default {52}
 */
export function layHeading(
  { title, notes = [], key = [], axis }: Heading,
  width: number,
  marginLeft = LEFT,
): LaidHeading {
  const entries = placeKey(key, width - 24);
  const keyLines = entries.length > 0 ? entries.at(-1)!.line + 1 : 0;
  const keyTop = TITLE + LINE * notes.length + 4;
  const axisTop = keyTop + LINE * keyLines + 4;
  const marginTop = axisTop + (axis ? LINE : 0) + 12;
  const at = (x: number, y: number) =>
    ({ frameAnchor: "top-left", textAnchor: "start", dx: x - marginLeft, dy: y - marginTop }) as const;
  const line = (text: string, x: number, y: number, more: Plot.TextOptions = {}) =>
    Plot.text([text], { ...at(x, y), lineAnchor: "top", ...more });
  return {
    margins: { marginTop, marginLeft, marginBottom: 46 },
    marks: [
      line(title, 8, 6, { fontSize: 16, fontWeight: 600, lineWidth: (width - 16) / 16, textOverflow: "ellipsis" }),
      ...notes.map((note, i) => line(note, 8, TITLE + 2 + LINE * i, { fillOpacity: 0.8 })),
      ...entries.flatMap((entry) => {
        const y = keyTop + LINE * entry.line;
        return [sample(entry, { ...at(8 + entry.x + 8, y + 7) }), line(entry.text, 8 + entry.x + 20, y)];
      }),
      ...(axis ? [line(`↑ ${axis}`, 8, axisTop)] : []),
    ],
  };
}

/** Sets the entries side by side, in as many lines as they need. */
function placeKey(
  key: readonly KeyEntry[],
  room: number,
): (KeyEntry & { readonly x: number; readonly line: number })[] {
  let x = 0, line = 0;
  return key.map((entry) => {
    const size = 36 + LETTER * entry.text.length;
    if (x > 0 && x + size > room) [x, line] = [0, line + 1];
    const placed = { ...entry, x, line };
    x += size;
    return placed;
  });
}

function sample(
  { colour, symbol, hollow = false, opacity = 1, dashed = false }: KeyEntry,
  at: Plot.DotOptions,
): Plot.Markish {
  if (!symbol) {
    return Plot.text([dashed ? "╌╌" : "━━"], {
      ...at as Plot.TextOptions,
      dy: at.dy! - 3,
      textAnchor: "middle",
      fill: colour,
    });
  }
  const paint = hollow ? { stroke: colour, fill: "none", strokeWidth: 1.5 } : { fill: colour, fillOpacity: opacity };
  return Plot.dot([0], { ...at, symbol, r: 5, ...paint });
}
