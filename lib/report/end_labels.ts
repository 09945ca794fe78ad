/**
 * Names at the ends of curves, moved apart where they would cover each other.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { longestOf } from "./letters.ts";
import type { SeriesStyle } from "./series.ts";

/** The name of a curve. */
export interface EndLabel extends SeriesStyle {
  readonly text: string;
  /** Where the curve ends, in units of the vertical axis. */
  readonly y: number;
}

/** Height of a label, in pixels. */
export const LABEL_HEIGHT = 17;

/** Returns the room right of the frame that labels need, in pixels. */
export function labelRoom(labels: readonly { readonly text: string }[]): number {
  return 44 + Math.ceil(longestOf(labels.map(({ text }) => text)));
}

/** Draws labels right of the frame, each with the shape of its curve's points, near the height where the curve ends. */
export function endLabels(labels: readonly EndLabel[]): Plot.Markish[] {
  const place = {
    y: "y",
    frameAnchor: "right",
    initializer: (
      data: unknown,
      facets: unknown,
      { y }: { y: { value: ArrayLike<number> } },
      scales: { y: (value: number) => number },
      { height, marginTop, marginBottom }: Plot.Dimensions,
    ) => ({
      data,
      facets,
      channels: {
        y: { value: moveApart(Array.from(y.value, scales.y), LABEL_HEIGHT, marginTop, height - marginBottom) },
      },
    }),
  };
  const at = (more: object) => ({ ...place, ...more }) as unknown as Plot.TextOptions & Plot.DotOptions;
  return [
    Plot.dot(labels, at({ dx: 16, r: 5, fill: "colour", symbol: "symbol" })),
    Plot.text(labels, at({ dx: 28, text: "text", textAnchor: "start" })),
  ];
}

/**
 * Moves positions apart until neighbours are at least `gap` from each other, and no further than that: the order stays,
 * and the sum of squared moves is the least (isotonic regression by pooling adjacent violators, Barlow et al. 1972).
 * Then all of them are moved between `least` and `most`, as far as they fit.
 */
export function moveApart(positions: readonly number[], gap: number, least: number, most: number): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  const pools: { sum: number; count: number }[] = [];
  const middle = ({ sum, count }: { sum: number; count: number }) => sum / count;
  order.forEach((index, rank) => {
    let pool = { sum: positions[index]! - rank * gap, count: 1 };
    while (pools.length > 0 && middle(pools.at(-1)!) > middle(pool)) {
      const before = pools.pop()!;
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  });
  const highest = most - (order.length - 1) * gap;
  const moved = new Array<number>(positions.length);
  let rank = 0;
  for (const pool of pools) {
    const start = Math.max(least, Math.min(highest, middle(pool)));
    for (let i = 0; i < pool.count; i++, rank++) moved[order[rank]!] = start + rank * gap;
  }
  return moved;
}
