/**
 * Where the time of a device went.
 *
 * @module
 */

import type { KernelProfile } from "../../devices/profile.ts";
import { cardOf } from "../../report/card.ts";
import { profileChart } from "../../report/profile_chart.ts";
import { formatProfile } from "../../report/profile_table.ts";
import { totalOf } from "../../report/roofline.ts";
import { formatMilliseconds, formatPercent } from "../../units.ts";
import { areRows, type View } from "./view.ts";

/** The time and the rates of each kernel, the slowest first; beside the device's peak as bars. */
export const profileView: View<readonly KernelProfile[]> = {
  accepts: (value) => areRows(value, ["kernel", "calls", "milliseconds", "gflops"]),
  draw: (profile, { title = "Profile", peak }) => {
    if (peak) return { svg: profileChart(profile, peak, { title }), text: formatProfile(profile, peak) };
    const total = totalOf("total", profile).milliseconds;
    return cardOf({
      title: `${title}: ${formatMilliseconds(total)}`,
      lines: profile.map(({ kernel, calls, milliseconds, gflops, gigabytesPerSecond }) => [
        kernel,
        `${formatPercent(milliseconds / (total || 1))}, ${formatMilliseconds(milliseconds)} in ${calls} calls, ` +
        `${gflops.toFixed(1)} GFLOP/s, ${gigabytesPerSecond.toFixed(2)} GB/s`,
      ]),
    });
  },
};
