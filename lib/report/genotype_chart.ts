/**
 * Maps of sub-networks: which layers, heads and neurons of a teacher a student keeps.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Dimensions } from "../subnet/dimensions.ts";
import type { SubNetwork } from "../subnet/sub_network.ts";
import { BLUE, drawChart, type FrameOptions } from "./chart.ts";
import { layHeading } from "./heading.ts";
import { shorten } from "./letters.ts";
import { type Cell, cellsOf, drawCells, onPixels } from "./raster.ts";
import { thin } from "./series.ts";

/** A sub-network on the map. */
export interface MappedSubNetwork {
  /** What stands above it. */
  readonly label: string;
  /** What it keeps. */
  readonly subNetwork: SubNetwork;
}

/** What of the teacher's sizes the map needs. */
export type MappedTeacher = Pick<Dimensions, "layers" | "width" | "groups" | "headsInGroup" | "mlp">;

/** How the map looks. */
export interface GenotypeChartOptions extends Omit<FrameOptions, "height"> {
  /** Heading. @default {"What is kept of the teacher"} */
  readonly title?: string;
}

/** Sub-networks that are drawn at most. */
const MOST_MAPS = 12;
/** In pixels: a layer's row with its gap, and what stands above the layers of a map. */
const ROW = 18, ABOVE = 58;
/** In pixels: room for the layer's number, and for the shares behind its row. */
const NUMBER = 30, SHARES = 150;

/**
 * Draws what sub-networks keep of their teacher as an SVG document: a map for each, with a row for each of the teacher's
 * layers, the first on top. In a row there is a cell for each head, and then the neurons of its feed-forward network side
 * by side, several of them a cell where they are many; a cell is the darker, the more of it is kept. Numbers behind the
 * row say the same. A strip above shows the kept dimensions of the residual stream. Of more than 12 sub-networks some are
 * left out, at even distances.
 *
 * @param teacher Sizes of the teacher, as `dimensionsOf` returns them.
 * @throws {RangeError} If there is no sub-network, or one keeps a part that the teacher does not have.
 */
export function genotypeChart(
  subNetworks: readonly MappedSubNetwork[],
  teacher: MappedTeacher,
  options: GenotypeChartOptions = {},
): string {
  if (subNetworks.length === 0) {
    throw new RangeError("Cannot draw the map: there must be at least one sub-network, found none");
  }
  for (const { label, subNetwork } of subNetworks) checkFits(label, subNetwork, teacher);
  const { title = "What is kept of the teacher", width = 720 } = options;
  const drawn = thin(subNetworks, MOST_MAPS);
  const heading = layHeading(
    {
      title,
      notes: drawn.length < subNetworks.length ? [`${drawn.length} of ${subNetworks.length} sub-networks`] : [],
      key: [
        { text: "kept; lighter where a cell holds several and a part is kept", colour: BLUE, symbol: "square" },
        { text: "dropped", colour: BLUE, symbol: "square", hollow: true },
      ],
    },
    width,
    0,
  );
  const columns = drawn.length > 1 && width >= 640 ? 2 : 1;
  const size = { width: (width - 16) / columns, height: ABOVE + ROW * teacher.layers + 14 };
  const maps = drawn.map((each, i) =>
    drawMap(each, teacher, {
      x: 8 + (i % columns) * size.width,
      y: heading.margins.marginTop + Math.floor(i / columns) * size.height,
      width: size.width - 12,
    })
  );
  return drawChart({
    ...onPixels(heading),
    marks: [
      ...heading.marks,
      ...drawCells(maps.flatMap(({ cells }) => cells)),
      ...[true, false].map((bold) =>
        Plot.text(maps.flatMap(({ texts }) => texts).filter((text) => Boolean(text.bold) === bold), {
          ...{ x: "x", y: "y", text: "text", textAnchor: "start", fontWeight: bold ? 600 : 400 },
        })
      ),
    ],
  }, { ...options, width, height: heading.margins.marginTop + Math.ceil(drawn.length / columns) * size.height });
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly bold?: boolean;
}

function drawMap(
  { label, subNetwork: { layers, width: kept, blocks } }: MappedSubNetwork,
  teacher: MappedTeacher,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): { readonly cells: Cell[][]; readonly texts: Placed[] } {
  const left = x + NUMBER, room = width - NUMBER - SHARES;
  const heads = teacher.groups * teacher.headsInGroup;
  const headRoom = Math.min(room * 0.4, heads * 16), mlpLeft = left + headRoom + 10;
  const mlpRoom = left + room - mlpLeft, behind = left + room + 8;
  const height = ROW - 5;
  const texts: Placed[] = [
    { x, y: y + 8, text: shorten(label, Math.floor(width / 8)), bold: true },
    { x: behind, y: y + 27, text: `width ${kept.length}/${teacher.width}` },
    { x: left, y: y + ABOVE - 8, text: "heads" },
    { x: mlpLeft, y: y + ABOVE - 8, text: "MLP neurons" },
  ];
  const cells = [cellsOf(flags(kept, teacher.width), { x: left, y: y + 21, width: room, height: 11 })];
  for (let layer = 0; layer < teacher.layers; layer++) {
    const top = y + ABOVE + ROW * layer, middle = top + height / 2;
    const block = blocks[layers.indexOf(layer)];
    const keptHeads = block?.groups.flatMap((group) =>
      block.headsInGroup.map((h) => group * teacher.headsInGroup + h)
    ) ?? [];
    cells.push(
      cellsOf(flags(keptHeads, heads), { x: left, y: top, width: headRoom, height }),
      cellsOf(flags(block?.mlp ?? [], teacher.mlp), { x: mlpLeft, y: top, width: mlpRoom, height }),
    );
    texts.push({ x: x + (layer < 10 ? 8 : 0), y: middle, text: String(layer) });
    const shares = block
      ? `${keptHeads.length}/${heads}, ${(100 * block.mlp.length / teacher.mlp).toFixed(0)}% of ${teacher.mlp}`
      : "dropped";
    texts.push({ x: behind, y: middle, text: shares });
  }
  return { cells, texts };
}

/** 1 at each kept index, else 0. */
function flags(kept: readonly number[], size: number): number[] {
  const all = new Array<number>(size).fill(0);
  for (const index of kept) all[index] = 1;
  return all;
}

function checkFits(label: string, { layers, width, blocks }: SubNetwork, teacher: MappedTeacher): void {
  const check = (dimension: keyof MappedTeacher, kept: readonly number[]) => {
    const most = Math.max(...kept);
    if (most < teacher[dimension]) return;
    throw new RangeError(
      `Cannot draw '${label}': its ${dimension} must be below the teacher's ${teacher[dimension]}, found ${most}; ` +
        `take the sizes of the teacher that it was cut out of`,
    );
  };
  check("layers", layers);
  check("width", width);
  for (const block of blocks) for (const name of ["groups", "headsInGroup", "mlp"] as const) check(name, block[name]);
}
