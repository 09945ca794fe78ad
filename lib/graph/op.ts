/**
 * The contract of an op: its shapes, its gradient and its cost. How devices compute it is not the graph's concern.
 *
 * @module
 */

import type { Cost } from "./cost.ts";
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

/** What a gradient rule is given: of a node with attributes `A`, inputs `I` and outputs `O`. */
export interface GradientContext<
  A,
  I extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
> {
  /** The node's inputs. */
  readonly inputs: I;
  /** The node's outputs. */
  readonly outputs: O;
  /** The node's attributes. */
  readonly attributes: A;
  /**
   * Gradient of the loss with respect to each output; undefined where the loss does not depend on it. It does on the
   * only output of an op: the rule would not be asked otherwise.
   */
  readonly upstream: O extends readonly [Tensor] ? O : { readonly [K in keyof O]: Tensor | undefined };
  /** Whether the gradient with respect to input `i` is wanted. */
  readonly needs: (i: number) => boolean;
}

/**
 * An operation on tensors: its shape rule, gradient rule and cost.
 *
 * `A` are its attributes; `I` and `O` are the tuples of its inputs and outputs, each labelled with what it is. Operands
 * that not every node has are the rest of a tuple: `[x: Tensor, ...bias: Tensor[]]`.
 */
export interface Op<
  A,
  I extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
> {
  /** Name in messages and profiles. */
  readonly name: string;
  /** Checks the inputs and returns the outputs' shapes. Scratch memory that a kernel needs is a further output. */
  infer(inputs: I, attributes: A): { readonly [K in keyof O]: TensorSpec };
  /** Returns the indices of the inputs that are changed in place. @default {none} */
  updates?(inputs: I, attributes: A): number[];
  /** Returns a contribution for each input, `undefined` for those that have no gradient; an op without it has none. */
  gradient?(context: GradientContext<A, I, O>): (Contribution | undefined)[];
  /** Counts the work of one application. */
  cost(node: Node<A, I, O>): Cost;
}
