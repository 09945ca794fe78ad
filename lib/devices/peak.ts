/**
 * What a device can do at most, measured on the spot: the measure of all kernels, on processors and on GPUs alike.
 *
 * @module
 */

import { Graph } from "../graph/graph.ts";
import { plan } from "../graph/plan.ts";
import { BYTES_PER_ELEMENT, type Tensor } from "../graph/tensor.ts";
import { computeOnly, copyOnly } from "../ops/peak/mod.ts";
import type { Device } from "./device.ts";
import { timeRun } from "./timing.ts";

/** The highest rates that plain kernels reach on a device. */
export interface Peak {
  /** Fused multiply-adds, two operations each, in billions of operations a second. */
  readonly gflops: number;
  /** Bytes read plus bytes written by a copy, in billions a second. */
  readonly gigabytesPerSecond: number;
}

/** Large enough that two of them do not fit the last cache of a large GPU. */
const COPY_BYTES = 64 * 2 ** 20;

/** Measures a device's peak with a kernel that only computes and one that only copies; takes a second or two. */
export async function measurePeak(device: Device): Promise<Peak> {
  const length = device.software ? { rounds: 24, long: false } : { rounds: 64, long: true };
  const computing = await rates(device, (graph) => computeOnly(graph, device.kind === "cpu" ? undefined : length));
  const bytes = Math.min(COPY_BYTES, 2 ** Math.floor(Math.log2(device.maxBindingBytes)));
  const copying = await rates(device, (graph) => copyOnly(graph.input("source", [bytes / BYTES_PER_ELEMENT])));
  return { gflops: computing.gflops, gigabytesPerSecond: copying.gigabytesPerSecond };
}

/** Times a graph of one node and divides its work by the time. */
async function rates(device: Device, record: (graph: Graph) => Tensor): Promise<Peak> {
  const graph = new Graph();
  graph.output(record(graph));
  using program = await device.compile(plan(graph));
  const nanoseconds = await timeRun(device, program) * 1e6;
  const [node] = graph.nodes;
  const { flops, bytes } = node!.op.cost(node!);
  return { gflops: flops / nanoseconds, gigabytesPerSecond: bytes / nanoseconds };
}
