/**
 * The contract of an op: its shapes, its gradient, its cost, and how a device computes it.
 *
 * @module
 */

import type { Cost } from "./cost.ts";
import type { Dispatch, Target } from "./dispatch.ts";
import type { Node } from "./graph.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/**
 * An op's gradient with respect to one input, not yet computed.
 *
 * Called with the sum of the contributions found so far, it records the ops that add its own and returns the new sum.
 * A sum whose role is `gradient` is an accumulator and is changed in place; any other is left as it is. An op that can
 * fuse the addition does so; the others use `accumulate`.
 */
export type Contribution = (sum: Tensor | undefined) => Tensor;

/** What a gradient rule is given. */
export interface GradientContext<A> {
  /** The node's inputs. */
  readonly inputs: readonly Tensor[];
  /** The node's outputs. */
  readonly outputs: readonly Tensor[];
  /** The node's attributes. */
  readonly attributes: A;
  /** Gradient of the loss with respect to each output; undefined where the loss does not depend on it. */
  readonly upstream: readonly (Tensor | undefined)[];
  /** Whether the gradient with respect to input `i` is wanted. */
  readonly needs: (i: number) => boolean;
}

/** An operation on tensors: its shape rule, gradient rule, cost, and how each device computes it. */
export interface Op<A> {
  /** Name in messages and profiles. */
  readonly name: string;
  /** Checks the inputs and returns the outputs' shapes. Scratch memory that a kernel needs is a further output. */
  infer(inputs: readonly Tensor[], attributes: A): TensorSpec[];
  /** Returns the indices of the inputs that are changed in place. @default {none} */
  updates?(inputs: readonly Tensor[], attributes: A): number[];
  /** Returns a contribution for each input, `undefined` for those that have no gradient; an op without it has none. */
  gradient?(context: GradientContext<A>): (Contribution | undefined)[];
  /** Counts the work of one application. */
  cost(node: Node<A>): Cost;
  /** Returns the launches that compute a node on WebGPU, in order. */
  webgpu(node: Node<A>, target: Target): Dispatch[];
}

/**
 * Declares an op: returns it as it is, once the compiler has fixed its attribute type and checked its parts against it.
 *
 * Each op of ours lives in a room of its own under `lib/ops`.
 */
export function defineOp<A>(op: Op<A>): Op<A> {
  return op;
}
