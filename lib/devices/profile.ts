/**
 * Where the time of a device goes, kernel by kernel.
 *
 * @module
 */

import type { Cost } from "../graph/cost.ts";
import type { Node } from "../graph/graph.ts";

/** Time and work of all launches of one kernel. */
export interface KernelProfile {
  /** The kernel's name. */
  readonly kernel: string;
  /** Launches. */
  readonly calls: number;
  /** Time of all launches on the device. */
  readonly milliseconds: number;
  /** Operations, in billions a second. */
  readonly gflops: number;
  /** Bytes read and written if every operand is touched once, in billions a second. */
  readonly gigabytesPerSecond: number;
}

/** Times launches if its device was opened with `profile`. */
export interface Profiler {
  /** Waits for the device and sums the times taken since the last call by kernel, slowest first. */
  collect(): Promise<KernelProfile[]>;
}

/** A launch or an instruction of a program, as a profile sees it. */
export interface Launched {
  readonly kernel: string;
  /** What it computes, or a part of it. */
  readonly node: Node;
  /** Its work. @default an equal share of the node's cost */
  readonly work?: Cost | undefined;
}

/** Sums the times of launches by kernel. */
export function summarise(launches: readonly Launched[], nanoseconds: (i: number) => number): KernelProfile[] {
  const totals = new Map<string, { calls: number; ns: number; flops: number; bytes: number }>();
  // The launches of a node that do not say what they do take equal shares of its cost.
  const parts = new Map<Node, number>();
  for (const { node } of new Set(launches)) parts.set(node, (parts.get(node) ?? 0) + 1);
  launches.forEach(({ kernel, node, work }, i) => {
    const total = totals.get(kernel) ?? { calls: 0, ns: 0, flops: 0, bytes: 0 };
    totals.set(kernel, total);
    total.calls++;
    total.ns += Math.max(0, nanoseconds(i));
    const { flops, bytes } = work ?? node.op.cost(node);
    const share = work ? 1 : parts.get(node)!;
    total.flops += flops / share;
    total.bytes += bytes / share;
  });
  return [...totals].map(([kernel, { calls, ns, flops, bytes }]) => ({
    kernel,
    calls,
    milliseconds: ns / 1e6,
    gflops: flops / ns,
    gigabytesPerSecond: bytes / ns,
  })).sort((a, b) => b.milliseconds - a.milliseconds);
}
