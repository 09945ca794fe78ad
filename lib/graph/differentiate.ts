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
  /** Accumulators of role `gradient`: a tensor's gradient is added to its accumulator in place. */
  readonly into?: ReadonlyMap<Tensor, Tensor>;
}

/**
 * Appends the backward pass of `of` to its graph by reverse-mode differentiation and returns the gradient of each tensor
 * in `wrt`: its accumulator where there is one, else a new tensor.
 *
 * Contributions to a tensor that is used several times are summed in the reverse order of its uses, always the same.
 *
 * @throws {RangeError} If `of` does not depend on a tensor in `wrt`, or an op on the way has no gradient.
 */
export function differentiate(graph: Graph, options: DifferentiateOptions): Map<Tensor, Tensor> {
  const { of, wrt, into = new Map<Tensor, Tensor>() } = options;
  if (!options.upstream && of.size !== 1) {
    throw new RangeError(`Cannot differentiate ${describe(of)}: it must be a scalar; pass 'upstream' for other shapes`);
  }
  const forward = [...graph.nodes];
  const active = new Set<Tensor>(wrt);
  for (const node of forward) {
    if (node.inputs.some((input) => active.has(input))) node.outputs.forEach((output) => active.add(output));
  }
  for (const tensor of wrt) {
    if (!forward.some((node) => node.inputs.includes(tensor))) {
      throw new RangeError(`Cannot differentiate ${describe(of)}: it does not depend on ${describe(tensor)}`);
    }
  }

  const sums = new Map<Tensor, Tensor>(into);
  sums.set(of, options.upstream ?? graph.constant("one", [1], new Float32Array([1])));
  for (const node of forward.reverse()) {
    if (!node.outputs.some((output) => active.has(output) && sums.has(output))) continue;
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
      if (contribution && active.has(input)) sums.set(input, contribution(sums.get(input)));
    });
  }
  return new Map(wrt.map((tensor) => {
    const sum = sums.get(tensor);
    if (!sum) throw new RangeError(`Cannot differentiate ${describe(of)}: it does not depend on ${describe(tensor)}`);
    return [tensor, sum];
  }));
}
