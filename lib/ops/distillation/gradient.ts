import type { Contribution, GradientContext } from "../../graph/op.ts";
import { describe, type Tensor } from "../define.ts";
import { accumulate } from "../add/mod.ts";

/** Place of the gradient of the student's hidden states among the outputs of a node that distils. */
const DHIDDEN = 9;

/**
 * The gradient rule of ops that compute it with the loss. Their inputs are the student's hidden states and matrix, the
 * targets, two of the teacher, the coefficients and, with `gradient`, the accumulator of the matrix; their first outputs
 * are the loss and its two parts.
 *
 * @throws {RangeError} If it is not `loss` itself that is differentiated, or gradients were not computed.
 */
export function gradientOfLoss<A extends { readonly gradient: boolean }>(
  { inputs, outputs, upstream, attributes }: GradientContext<A, readonly Tensor[], readonly Tensor[]>,
): (Contribution | undefined)[] {
  const [hidden, , , , , , accumulator] = inputs as readonly [Tensor, ...Tensor[]];
  const [seed, ofEntropy, ofDivergence] = upstream;
  if (!attributes.gradient || ofEntropy || ofDivergence || hidden.graph.constants.get(seed!)?.[0] !== 1) {
    throw new RangeError(
      `Cannot differentiate the distillation of ${describe(hidden)}: its gradient is computed with 'loss', for an ` +
        "upstream of 1; pass 'gradient', differentiate 'loss' itself and weigh it with 'scale' and 'coefficients'",
    );
  }
  const refused = () => {
    throw new RangeError(
      `Cannot differentiate the distillation of ${describe(hidden)}: 'gradient' and 'into' must name one ` +
        "accumulator, and the teacher has no gradient",
    );
  };
  return [
    (total) => accumulate(total, outputs[DHIDDEN]!),
    (total) => total === accumulator ? accumulator! : refused(),
    ...[undefined, refused, refused, refused],
  ];
}
