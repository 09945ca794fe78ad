/**
 * Charts of profiles: where the time of a step goes.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Peak } from "../devices/peak.ts";
import type { KernelProfile } from "../devices/profile.ts";
import { formatMilliseconds, formatPercent } from "../units.ts";
import { BLUE, drawChart, type FrameOptions, PAPER } from "./chart.ts";
import { belowFrame, layHeading } from "./heading.ts";
import { nearestLimit, totalOf } from "./roofline.ts";
import { longestOf, shorten } from "./letters.ts";

/** How the chart looks. */
export interface ProfileChartOptions extends Omit<FrameOptions, "height"> {
  /** Heading. @default {"Time on the device"} */
  readonly title?: string;
}

/** Bars that are drawn at most; the rest is put together in the last. */
const MOST_BARS = 20;
const ROW = 24;

/**
 * Draws a profile as an SVG document: a bar for each kernel, the slowest on top, as long as its share of the time. The
 * filled part of a bar is the share that the kernel would take at the device's peak, of computing or of moving memory,
 * whichever it is nearer to: what is left open could be gained. Of more than 20 kernels the fastest share a bar.
 *
 * @throws {RangeError} If there is no kernel, or they took no time.
 */
export function profileChart(
  profile: readonly KernelProfile[],
  peak: Peak,
  options: ProfileChartOptions = {},
): string {
  const total = totalOf("total", profile);
  if (!(total.milliseconds > 0)) {
    throw new RangeError(
      `Cannot draw the profile: kernels must have taken some time, found ${total.milliseconds} ms of ${profile.length} ` +
        "kernels; profile a step",
    );
  }
  const { title = "Time on the device", width = 720 } = options;
  const sorted = profile.toSorted((a, b) => b.milliseconds - a.milliseconds);
  const shown = sorted.length > MOST_BARS ? sorted.slice(0, MOST_BARS - 1) : sorted;
  const rest = sorted.slice(shown.length);
  const kernels = rest.length > 0 ? [...shown, totalOf(`${rest.length} others`, rest)] : shown;
  const bars = kernels.map((kernel) => {
    const share = kernel.milliseconds / total.milliseconds;
    const { name, share: reached } = nearestLimit(kernel, peak);
    return {
      ...{ name: shorten(kernel.kernel, 34), share, atPeak: share * Math.min(1, reached) },
      text: `${formatPercent(share)}, ${formatMilliseconds(kernel.milliseconds)}; ${formatPercent(reached)} of ${name}`,
    };
  });
  const heading = layHeading(
    {
      title,
      notes: [
        `${formatMilliseconds(total.milliseconds)}; peak measured: ${peak.gflops.toFixed(1)} GFLOP/s, ` +
        `${peak.gigabytesPerSecond.toFixed(2)} GB/s`,
      ],
      key: [
        { text: "what it would take at the peak", colour: BLUE, symbol: "square" },
        { text: "what could be gained", colour: BLUE, symbol: "square", hollow: true },
      ],
    },
    width,
    leftOf(bars),
  );
  const at = { y: "name", x1: 0, insetTop: 3, insetBottom: 3 } as const;
  return drawChart({
    ...heading.margins,
    marginRight: 264,
    x: { ...belowFrame("share of the time"), tickFormat: "%", domain: [0, bars[0]!.share], ticks: 4, nice: true },
    y: { label: null, domain: bars.map(({ name }) => name), padding: 0 },
    marks: [
      ...heading.marks,
      Plot.barX(bars, { ...at, x2: "share", fill: PAPER, stroke: BLUE }),
      Plot.barX(bars, { ...at, x2: "atPeak", fill: BLUE }),
      Plot.text(bars, { y: "name", x: "share", text: "text", textAnchor: "start", dx: 6 }),
    ],
  }, { ...options, width, height: heading.margins.marginTop + 46 + ROW * bars.length });
}

/** Room for the longest name. */
function leftOf(bars: readonly { readonly name: string }[]): number {
  return Math.max(52, 28 + Math.ceil(longestOf(bars.map(({ name }) => name))));
}
