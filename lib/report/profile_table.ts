/**
 * Profiles beside the peak of their device.
 *
 * @module
 */

import type { Peak } from "../devices/peak.ts";
import type { KernelProfile } from "../devices/profile.ts";
import { formatPercent } from "../units.ts";
import { nearestLimit, totalOf } from "./roofline.ts";
import { type Column, formatTable } from "./table.ts";

/**
 * Writes a profile as a table: what each kernel took, the rates that it reached, and how near that is to the device's
 * peak, that of computing or that of moving memory, whichever it is nearer to. Above 100% of the memory's peak, operands
 * came from a cache.
 */
export function formatProfile(profile: readonly KernelProfile[], peak: Peak): string {
  const total = totalOf("total", profile);
  const columns: Column<KernelProfile>[] = [
    { title: "kernel", text: ({ kernel }) => kernel, align: "left" },
    { title: "calls", text: ({ calls }) => String(calls) },
    { title: "ms", text: ({ milliseconds }) => milliseconds.toFixed(2) },
    { title: "share", text: ({ milliseconds }) => formatPercent(milliseconds / (total.milliseconds || 1)) },
    { title: "GFLOP/s", text: ({ gflops }) => gflops.toFixed(1) },
    { title: "GB/s", text: ({ gigabytesPerSecond }) => gigabytesPerSecond.toFixed(2) },
    { title: "of peak", text: (rates) => formatPercent(nearestLimit(rates, peak).share) },
    { title: "limit", text: (rates) => nearestLimit(rates, peak).name, align: "left" },
  ];
  const measured = `measured peak: ${peak.gflops.toFixed(1)} GFLOP/s, ${peak.gigabytesPerSecond.toFixed(2)} GB/s`;
  return `${formatTable(columns, [...profile, total])}\n${measured}`;
}
