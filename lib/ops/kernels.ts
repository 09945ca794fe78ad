/**
 * How devices compute an op.
 *
 * @module
 */

import type { Node } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Dispatch, Target } from "./dispatch.ts";
import type { Instruction } from "./instruction.ts";

/** What an op becomes on each device. */
export interface Kernels<
  A,
  I extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
> {
  /** Returns the launches that compute a node on WebGPU, in order. */
  webgpu(node: Node<A, I, O>, target: Target): Dispatch[];
  /** Returns the instructions that compute a node on the CPU, in order. */
  cpu(node: Node<A, I, O>): Instruction[];
}

/**
 * Declares an op: returns it as it is, once the compiler has checked its parts against its attributes and operands,
 * which are named in the call: `defineOp<Attributes, [x: Tensor], [y: Tensor]>({ ... })`.
 *
 * Each op of ours lives in a room of its own under `lib/ops`.
 */
export function defineOp<
  A,
  I extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
>(op: Op<A, I, O> & Partial<Kernels<A, I, O>>): Op<A, I, O> {
  return op;
}

/**
 * Returns a node's kernels for a device.
 *
 * @throws {TypeError} If its op has none.
 */
export function kernelsOf<K extends "webgpu" | "cpu">(node: Node, device: K): Kernels<unknown>[K] {
  const kernels = (node.op as Partial<Kernels<unknown>>)[device];
  if (!kernels) {
    throw new TypeError(`Cannot compile '${node.op.name}': an op must have kernels for '${device}', found none`);
  }
  return kernels;
}
