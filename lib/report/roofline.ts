/**
 * How near a kernel comes to what its device can do.
 *
 * @module
 */

import type { Peak } from "../devices/peak.ts";
import type { KernelProfile } from "../devices/profile.ts";

/** Rates of a kernel. */
export type Rates = Pick<KernelProfile, "gflops" | "gigabytesPerSecond">;

/** The limit that a kernel is nearer to, and how near. */
export interface Limit {
  readonly name: "compute" | "memory";
  /** 1 at the limit; above it, for memory, where operands came from a cache. */
  readonly share: number;
}

/**
 * Measures rates against the limit that they are nearer to, computing or moving memory (the roofline model, Williams,
 * Waterman and Patterson 2009).
 */
export function nearestLimit({ gflops, gigabytesPerSecond }: Rates, peak: Peak): Limit {
  const compute = gflops / peak.gflops;
  const memory = gigabytesPerSecond / peak.gigabytesPerSecond;
  return compute >= memory ? { name: "compute", share: compute } : { name: "memory", share: memory };
}

/** Puts kernels together: their times are added, and rates are means over time. */
export function totalOf(kernel: string, profile: readonly KernelProfile[]): KernelProfile {
  const sum = (value: (kernel: KernelProfile) => number) => profile.reduce((sum, kernel) => sum + value(kernel), 0);
  const milliseconds = sum((kernel) => kernel.milliseconds);
  const mean = (rate: keyof Rates) => sum((kernel) => kernel[rate] * kernel.milliseconds) / (milliseconds || 1);
  const calls = sum((kernel) => kernel.calls);
  return { kernel, calls, milliseconds, gflops: mean("gflops"), gigabytesPerSecond: mean("gigabytesPerSecond") };
}
