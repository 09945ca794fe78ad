/**
 * What an adapter can do at most, measured on the spot: the measure of all kernels, on software and on hardware alike.
 *
 * @module
 */

import { float, grid, whole } from "../../ops/dispatch.ts";
import { Graph } from "../../graph/graph.ts";
import { defineOp } from "../../ops/kernels.ts";
import { plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT, type Tensor } from "../../graph/tensor.ts";
import type { WebGPUDevice } from "./device.ts";
import computeSource from "./peak_compute.wgsl" with { type: "text" };
import memorySource from "./peak_memory.wgsl" with { type: "text" };
import { timeRun } from "./timing.ts";

/** The highest rates that plain kernels reach on a device. */
export interface Peak {
  /** Fused multiply-adds, two operations each, in billions of operations a second. */
  readonly gflops: number;
  /** Bytes read plus bytes written by a copy, in billions a second. */
  readonly gigabytesPerSecond: number;
}

const SIZE = 256;
/** Invocations of the compute kernel: enough to fill every processor of a large GPU many times over. */
const THREADS = 2 ** 20;
/** Chains of multiply-adds that an invocation of the compute kernel interleaves. */
const CHAINS = 12;
/** Large enough that two of them do not fit the last cache of a large GPU. */
const COPY_BYTES = 64 * 2 ** 20;

/**
 * How often an invocation of the compute kernel goes round its loop, and whether it takes 16 links of its chains at a
 * time or 4. More hide the loop's own instructions from a GPU; a compiler for processors spills their registers.
 */
interface Length {
  readonly rounds: number;
  readonly long: boolean;
}

const compute = defineOp<Length, [], [out: Tensor]>({
  name: "peakCompute",
  infer: () => [{ shape: [THREADS] }],
  cost: ({ attributes: { rounds, long } }) => ({
    flops: 2 * THREADS * CHAINS * rounds * (long ? 16 : 4),
    bytes: THREADS * BYTES_PER_ELEMENT,
  }),
  webgpu: ({ outputs: [out], attributes: { rounds, long } }) => [{
    kernel: { name: "peak_compute", source: computeSource },
    constants: { SIZE, LONG: long },
    bindings: [whole(out)],
    // The chains tend to addend / (1 - factor) = 1, far from overflow and from slow denormal numbers.
    uniforms: [rounds, float(0.75), float(0.25)],
    groups: [THREADS / SIZE, 1, 1],
  }],
});

const copy = defineOp<null, [source: Tensor], [out: Tensor]>({
  name: "peakMemory",
  infer: ([source]) => [{ shape: source.shape }],
  cost: ({ inputs: [source] }) => ({ flops: 0, bytes: 2 * source.size * BYTES_PER_ELEMENT }),
  webgpu: ({ inputs: [source], outputs: [out] }) => [{
    kernel: { name: "peak_memory", source: memorySource },
    constants: { SIZE },
    bindings: [whole(source), whole(out)],
    uniforms: [],
    groups: grid(source.size / 4, SIZE),
  }],
});

/** Measures a device's peak with a kernel that only computes and one that only copies; takes a second or two. */
export async function measurePeak(device: WebGPUDevice): Promise<Peak> {
  const length = device.software ? { rounds: 24, long: false } : { rounds: 64, long: true };
  const computing = await rates(device, (graph) => graph.apply(compute, [], length));
  const bytes = Math.min(COPY_BYTES, 2 ** Math.floor(Math.log2(device.target.maxBindingBytes)));
  const copying = await rates(device, (graph) => {
    return graph.apply(copy, [graph.input("source", [bytes / BYTES_PER_ELEMENT])], null);
  });
  return { gflops: computing.gflops, gigabytesPerSecond: copying.gigabytesPerSecond };
}

/** Times a graph of one node and divides its work by the time. */
async function rates(device: WebGPUDevice, record: (graph: Graph) => readonly Tensor[]): Promise<Peak> {
  const graph = new Graph();
  record(graph).forEach((tensor) => graph.output(tensor));
  using program = await device.compile(plan(graph));
  const nanoseconds = await timeRun(device, program) * 1e6;
  const [node] = graph.nodes;
  const { flops, bytes } = node!.op.cost(node!);
  return { gflops: flops / nanoseconds, gigabytesPerSecond: bytes / nanoseconds };
}
