/**
 * Tensors of zeros.
 *
 * @module
 */

import type { Graph } from "../../graph/graph.ts";
import { BYTES_PER_ELEMENT, defineOp, grid, rowRanges, rows, type Tensor, unitsOf, whole } from "../define.ts";
import source from "./zeros.wgsl" with { type: "text" };

const SIZE = 64;
const kernel = { name: "zeros", source };

const zerosOp = defineOp<{ readonly shape: readonly number[] }, [], [out: Tensor]>({
  name: "zeros",
  infer: (_, { shape }) => [{ shape }],
  cost: ({ outputs: [out] }) => ({ flops: 0, bytes: BYTES_PER_ELEMENT * out.size }),
  webgpu: ({ outputs: [out] }, target) =>
    rowRanges(out.size, [1], target, out).map(({ start, count }) => ({
      kernel,
      constants: { SIZE },
      bindings: [rows(out, start, count, 1)],
      uniforms: [Math.ceil(count / 4)],
      groups: grid(Math.ceil(count / 4), SIZE),
    })),
  cpu: ({ outputs: [out] }) => [{
    kernel: "fill",
    operands: [whole(out)],
    words: [out.size],
    units: unitsOf(out.size),
  }],
});

/** Makes a new tensor of zeros, filled anew in every run. */
export function zeros(graph: Graph, shape: readonly number[]): Tensor {
  return graph.apply(zerosOp, [], { shape })[0];
}
