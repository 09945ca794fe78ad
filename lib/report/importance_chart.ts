/**
 * Heat maps of importance: which heads and neurons of a teacher matter.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Importance } from "../subnet/orders.ts";
import { BLUE, drawChart, type FrameOptions } from "./chart.ts";
import { layHeading } from "./heading.ts";
import { binned, type Cell, cellsOf, drawCells, onPixels } from "./raster.ts";

/** How the map looks. */
export interface ImportanceChartOptions extends Omit<FrameOptions, "height"> {
  /** Heading. @default {"Importance"} */
  readonly title?: string;
}

/** In pixels: a layer's row with its gap, and what stands above the first. */
const ROW = 20, ABOVE = 26;
const NUMBER = 34, GAP = 14;

interface Panel {
  readonly name: string;
  /** Scores of each layer. */
  readonly rows: readonly ArrayLike<number>[];
  /** Share of the chart's width that it would have. */
  readonly weight: number;
}

/**
 * Draws scores of importance as an SVG document: a row for each of the teacher's layers, the first on top, and in it the
 * layer's own score, those of its heads, and those of its neurons, several of them a cell where they are many, which then
 * stands for their mean. Scores of different kinds have no common unit: each kind is measured against its largest cell,
 * in any layer, and the stronger in colour the nearer it is to that. Scores spread over powers of ten, so that the
 * strength is the square root of that share.
 *
 * @throws {RangeError} If there is no layer, or a score is negative or not finite.
 */
export function importanceChart(importance: Importance, options: ImportanceChartOptions = {}): string {
  const { blocks } = importance;
  if (blocks.length === 0) throw new RangeError("Cannot draw the importance: there must be a layer, found none");
  checkScores(importance);
  const { title = "Importance", width = 720 } = options;
  const grouped = blocks[0]!.headsInGroup.length > 1;
  const panels: Panel[] = [
    { name: "layer", rows: Array.from(importance.layers, (score) => [score]), weight: 0.07 },
    { name: grouped ? "query groups" : "heads", rows: blocks.map(({ groups }) => groups), weight: 0.25 },
    ...(grouped
      ? [{ name: "heads in a group", rows: blocks.map(({ headsInGroup }) => headsInGroup), weight: 0.2 }]
      : []),
    { name: "MLP neurons", rows: blocks.map(({ mlp }) => mlp), weight: 0.55 },
  ];
  const heading = layHeading(
    {
      title,
      notes: [
        "rows: layers, the first on top; strength of colour: square root of the share of the largest score of its kind",
      ],
      key: [0.04, 0.25, 1].map((share) => ({ text: share === 1 ? "the largest" : `${100 * share}% of it`, share }))
        .map(({ text, share }) => ({ text, colour: BLUE, symbol: "square" as const, opacity: Math.sqrt(share) })),
    },
    width,
    0,
  );
  const top = heading.margins.marginTop;
  const total = panels.reduce((sum, { weight }) => sum + weight, 0);
  const room = width - 16 - NUMBER - GAP * panels.length;
  let x = 8 + NUMBER;
  const cells: Cell[][] = [], texts = blocks.map((_, layer) => ({ x: 16, y: middleOf(layer), text: String(layer) }));
  for (const { name, rows, weight } of panels) {
    const size = { width: room * weight / total, height: ROW - 4 };
    const shown = rows.map((scores) => binned(scores, Math.min(scores.length, Math.floor(size.width / 2))));
    const largest = Math.max(...shown.flat());
    const shares = shown.map((scores) => scores.map((score) => largest > 0 ? Math.sqrt(score / largest) : 0));
    cells.push(...shares.map((row, layer) => cellsOf(row, { ...size, x, y: middleOf(layer) - size.height / 2 })));
    texts.push({ x, y: top + 10, text: name });
    x += size.width + GAP;
  }
  return drawChart({
    ...onPixels(heading),
    marks: [
      ...heading.marks,
      ...drawCells(cells),
      Plot.text(texts, { x: "x", y: "y", text: "text", textAnchor: "start" }),
    ],
  }, { ...options, width, height: top + ABOVE + ROW * blocks.length + 10 });

  function middleOf(layer: number): number {
    return heading.margins.marginTop + ABOVE + ROW * (layer + 0.5);
  }
}

function checkScores({ layers, blocks }: Importance): void {
  const lists = [layers, ...blocks.flatMap(({ groups, headsInGroup, mlp }) => [groups, headsInGroup, mlp])];
  const wrong = lists.flatMap((list) => Array.from(list)).find((score) => !(score >= 0 && score < Infinity));
  if (wrong === undefined) return;
  throw new RangeError(`Cannot draw the importance: scores must be finite and at least 0, found ${wrong}`);
}
