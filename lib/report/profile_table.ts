/**
 * Profiles beside the peak of their device.
 *
 * @module
 */

import type { Peak } from "../devices/peak.ts";
import type { KernelProfile } from "../devices/profile.ts";
import { formatPercent } from "../units.ts";
import { type Column, formatTable } from "./table.ts";

type Rates = Pick<KernelProfile, "gflops" | "gigabytesPerSecond">;

/**
 * Writes a profile as a table: what each kernel took, the rates that it reached, and how near that is to the device's
 * peak. A kernel is measured against the limit that it is nearer to, computing or moving memory (the roofline model,
 * Williams, Waterman and Patterson 2009). Above 100% of the memory's peak, operands came from a cache.
 */
export function formatProfile(profile: readonly KernelProfile[], peak: Peak): string {
  const total = totalOf(profile);
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

function totalOf(profile: readonly KernelProfile[]): KernelProfile {
  const sum = (value: (kernel: KernelProfile) => number) => profile.reduce((sum, kernel) => sum + value(kernel), 0);
  const milliseconds = sum((kernel) => kernel.milliseconds);
  const mean = (rate: keyof Rates) => sum((kernel) => kernel[rate] * kernel.milliseconds) / (milliseconds || 1);
  const calls = sum((kernel) => kernel.calls);
  return {
    kernel: "total",
    calls,
    milliseconds,
    gflops: mean("gflops"),
    gigabytesPerSecond: mean("gigabytesPerSecond"),
  };
}

function nearestLimit(
  { gflops, gigabytesPerSecond }: Rates,
  peak: Peak,
): { name: "compute" | "memory"; share: number } {
  const compute = gflops / peak.gflops;
  const memory = gigabytesPerSecond / peak.gigabytesPerSecond;
  return compute >= memory ? { name: "compute", share: compute } : { name: "memory", share: memory };
}
