/**
 * Reverse-mode differentiation of a graph by further ops of the same graph.
 *
 * @module
 */

import type { Graph } from "./graph.ts";
import type { Contribution } from "./op.ts";
import { describe, type Tensor } from "./tensor.ts";

/** What to differentiate, with respect to what, and where the results go. */
export interface DifferentiateOptions {
  /** The tensor that is differentiated; a scalar unless `upstream` is given. */
  readonly of: Tensor;
  /** The tensors whose gradients are wanted. */
  readonly wrt: readonly Tensor[];
  /** Gradient of the final loss with respect to `of`, of the same shape. @default a constant 1 */
  readonly upstream?: Tensor;
  /** Accumulators of role `gradient`, shaped as their tensors are: a tensor's gradient is added to its own in place. */
  readonly into?: ReadonlyMap<Tensor, Tensor>;
}

/** The tensors on which a gradient may depend, by the memory that they share. */
class Active {
  readonly #byBase = new Map<Tensor, Set<Tensor>>();

  constructor(tensors: Iterable<Tensor>) {
    for (const tensor of tensors) this.add(tensor);
  }

  readonly add = (tensor: Tensor): void => {
    const family = this.#byBase.get(tensor.base);
    if (family) family.add(tensor);
    else this.#byBase.set(tensor.base, new Set([tensor]));
  };

  has(tensor: Tensor): boolean {
    return this.#byBase.get(tensor.base)?.has(tensor) ?? false;
  }

  /** Tells whether the tensor is one of these or shares memory with one. */
  touches(tensor: Tensor): boolean {
    for (const other of this.#byBase.get(tensor.base) ?? []) {
      if (other.offset < tensor.offset + tensor.size && tensor.offset < other.offset + other.size) return true;
    }
    return false;
  }
}

/**
 * Appends the backward pass of `of` to its graph by reverse-mode differentiation and returns the gradient of each
 * tensor in `wrt`: its accumulator where there is one, else a new tensor.
 *
 * Contributions to a tensor that is used several times are summed in the reverse order of its uses, always the same.
 *
 * A gradient has the shape of its tensor, also where an op takes the tensor for another of its size.
 *
 * @throws {RangeError} If `of` does not depend on a tensor in `wrt`, if `upstream` or an accumulator has another shape
 *   than its tensor, or if an op on the way has no gradient, changes a tensor in place or reads a view of one: what has
 *   no gradient is refused and never left out.
 */
export function differentiate(graph: Graph, options: DifferentiateOptions): Map<Tensor, Tensor> {
  const { of, wrt, into = new Map<Tensor, Tensor>() } = options;
  if (!options.upstream && of.size !== 1) {
    throw new RangeError(`Cannot differentiate ${describe(of)}: it must be a scalar; pass 'upstream' for other shapes`);
  }
  const checkShape = (gradient: Tensor, tensor: Tensor, what: string) => {
    if (haveOneShape(gradient, tensor)) return;
    throw new RangeError(
      `Cannot differentiate ${describe(of)}: ${what} must be of its shape, found ${describe(gradient)}`,
    );
  };
  if (options.upstream) checkShape(options.upstream, of, "'upstream'");
  for (const [tensor, sum] of into) checkShape(sum, tensor, `the accumulator of ${describe(tensor)}`);
  const forward = [...graph.nodes];
  const active = new Active(wrt);
  const leads = (input: Tensor) => active.touches(input);
  for (const node of forward) {
    if (node.inputs.some(leads)) [...node.outputs, ...node.updates].forEach(active.add);
  }
  for (const tensor of wrt) {
    if (!forward.some((node) => node.inputs.includes(tensor))) {
      throw new RangeError(`Cannot differentiate ${describe(of)}: it does not depend on ${describe(tensor)}`);
    }
  }

  const sums = new Map<Tensor, Tensor>(into);
  sums.set(of, options.upstream ?? graph.constant("one", of.shape, new Float32Array([1])));
  for (const node of forward.reverse()) {
    const reached = (tensor: Tensor) => active.has(tensor) && sums.has(tensor);
    const changed = node.updates.find(reached);
    if (changed) {
      throw new RangeError(
        `Cannot differentiate ${describe(of)}: ${node.op.name} changes ${describe(changed)} in place; ` +
          "make a new tensor",
      );
    }
    if (!node.outputs.some(reached) || !node.inputs.some(leads)) continue;
    const part = node.inputs.find((input) => leads(input) && !active.has(input));
    if (part) {
      throw new RangeError(
        `Cannot differentiate ${describe(of)}: it depends on ${describe(part)}, which shares memory with another ` +
          "tensor; views have no gradient",
      );
    }
    if (!node.op.gradient) {
      throw new RangeError(`Cannot differentiate ${describe(of)}: ${node.op.name} has no gradient`);
    }
    const contributions: (Contribution | undefined)[] = node.op.gradient({
      inputs: node.inputs,
      outputs: node.outputs,
      attributes: node.attributes,
      upstream: node.outputs.map((output) => sums.get(output)),
      needs: (i) => active.has(node.inputs[i]!),
    });
    contributions.forEach((contribution, i) => {
      const input = node.inputs[i]!;
      if (contribution && active.has(input)) sums.set(input, shapedAs(input, contribution(sums.get(input))));
    });
  }
  return new Map(wrt.map((tensor) => {
    const sum = sums.get(tensor);
    if (!sum) throw new RangeError(`Cannot differentiate ${describe(of)}: it does not depend on ${describe(tensor)}`);
    return [tensor, sum];
  }));
}

function haveOneShape(a: Tensor, b: Tensor): boolean {
  return a.shape.join() === b.shape.join();
}

/** Sees a gradient in the shape of its tensor. */
function shapedAs(tensor: Tensor, gradient: Tensor): Tensor {
  if (haveOneShape(gradient, tensor)) return gradient;
  return gradient.graph.view(gradient, `${gradient.name} as ${tensor.name}`, 0, tensor.shape);
}
