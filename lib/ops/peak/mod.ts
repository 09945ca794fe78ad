/**
 * Ops that only compute or only move memory: what no other kernel of a device can exceed.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, defineOp, float, grid, type Tensor, unitsOf, whole } from "../define.ts";
import type { Graph } from "../../graph/graph.ts";
import computeSource from "./compute.wgsl" with { type: "text" };
import memorySource from "./memory.wgsl" with { type: "text" };

const SIZE = 256;
/** Invocations of the compute kernel on WebGPU: enough to fill every processor of a large GPU many times over. */
const INVOCATIONS = 2 ** 20;
/** Chains of multiply-adds that an invocation interleaves. */
const CHAINS = 12;
/** The same on the CPU: units, and values in the registers of each. */
const CPU_UNITS = 256;
const CPU_VALUES = 96;
const CPU_ROUNDS = 20_000;
// The chains tend to addend / (1 - factor) = 1, far from overflow and from slow denormal numbers.
const FACTOR = 0.75;
const ADDEND = 0.25;

/**
 * How often an invocation of the compute kernel goes round its loop, and whether it takes 16 links of its chains at a
 * time or 4. More hide the loop's own instructions from a GPU; a compiler for processors spills their registers.
 */
export interface ChainLength {
  readonly rounds: number;
  readonly long: boolean;
}

const gpuCompute = defineOp<ChainLength, [], [out: Tensor]>({
  name: "peakCompute",
  infer: () => [{ shape: [INVOCATIONS] }],
  cost: ({ attributes: { rounds, long } }) => ({
    flops: 2 * INVOCATIONS * CHAINS * rounds * (long ? 16 : 4),
    bytes: INVOCATIONS * BYTES_PER_ELEMENT,
  }),
  webgpu: ({ outputs: [out], attributes: { rounds, long } }) => [{
    kernel: { name: "peak_compute", source: computeSource },
    constants: { SIZE, LONG: long },
    bindings: [whole(out)],
    uniforms: [rounds, float(FACTOR), float(ADDEND)],
    groups: [INVOCATIONS / SIZE, 1, 1],
  }],
});

const cpuCompute = defineOp<null, [], [out: Tensor]>({
  name: "peakCompute",
  infer: () => [{ shape: [CPU_UNITS * CPU_VALUES] }],
  cost: () => ({ flops: 2 * CPU_UNITS * CPU_VALUES * CPU_ROUNDS, bytes: CPU_UNITS * CPU_VALUES * BYTES_PER_ELEMENT }),
  cpu: ({ outputs: [out] }) => [{
    kernel: "peakCompute",
    operands: [whole(out)],
    words: [CPU_ROUNDS, float(FACTOR), float(ADDEND)],
    units: CPU_UNITS,
  }],
});

const copyOp = defineOp<null, [source: Tensor], [out: Tensor]>({
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
  cpu: ({ inputs: [source], outputs: [out] }) => [{
    kernel: "copy",
    operands: [whole(source), whole(out)],
    words: [source.size],
    units: unitsOf(source.size),
  }],
});

/** Records fused multiply-adds on registers alone. @param length For WebGPU; without it, for the CPU. */
export function computeOnly(graph: Graph, length?: ChainLength): Tensor {
  return length ? graph.apply(gpuCompute, [], length)[0] : graph.apply(cpuCompute, [], null)[0];
}

/** Records a copy of a tensor whose size is a multiple of 1024. */
export function copyOnly(source: Tensor): Tensor {
  return source.graph.apply(copyOp, [source], null)[0];
}
