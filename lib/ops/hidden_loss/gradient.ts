/**
 * The gradient of a loss between hidden states, from two slopes that the loss leaves for each row.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  grid,
  rowRanges,
  rows,
  rowsOf,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { vectors } from "../vectors/mod.ts";
import source from "./gradient.wgsl" with { type: "text" };

const SIZE = 64;
const gradientKernel = vectors("hidden_loss_gradient", source);

/** Hidden states that are compared, both `[positions, width]`. */
export interface HiddenPair {
  /** Is trained. */
  readonly student: Tensor;
  /** Gets no gradient. */
  readonly target: Tensor;
}

const hiddenLossGradientOp = defineOp<
  { readonly cosine: boolean; readonly residual: boolean },
  [student: Tensor, target: Tensor, slopes: Tensor, upstream: Tensor, residual: Tensor],
  [dx: Tensor]
>({
  name: "hiddenLossGradient",
  infer: ([student]) => [{ shape: student.shape }],
  cost: ({ inputs: [student], attributes: { residual } }) => ({
    flops: 5 * student.size,
    bytes: (residual ? 4 : 3) * BYTES_PER_ELEMENT * student.size,
  }),
  webgpu({ inputs: [student, wanted, slopes, upstream, residual], outputs: [dx], attributes }, target) {
    const { rows: count, width } = rowsOf(student);
    const { kernel, per } = gradientKernel(width);
    return rowRanges(count, [width], target, student).map((range) => {
      const part = (tensor: Tensor, length: number) => rows(tensor, range.start, range.count, length);
      const size = range.count * width / per;
      return {
        kernel,
        constants: { SIZE, COSINE: attributes.cosine },
        bindings: [
          ...[part(student, width), part(wanted, width), part(slopes, 2), whole(upstream)],
          ...[part(residual, width), part(dx, width)],
        ],
        uniforms: [size, width / per, +attributes.residual],
        groups: grid(size, SIZE),
      };
    });
  },
  cpu({ inputs, outputs: [dx], attributes: { cosine, residual } }) {
    const { rows: count, width } = rowsOf(dx);
    const most = rowsPerUnit(width);
    return [{
      kernel: "hiddenLossGradient",
      operands: [...inputs, dx].map(whole),
      words: [count, width, +cosine, +residual, most],
      units: Math.ceil(count / most),
    }];
  },
});

/**
 * Adds the student's gradient to the sum found so far.
 *
 * @param slopes `[positions, 2]`: factors of the difference and 0 or, if `cosine`, of student and target.
 * @param upstream `[1]`.
 */
export function hiddenLossGradient(
  { student, target }: HiddenPair,
  slopes: Tensor,
  upstream: Tensor,
  cosine: boolean,
  sum: Tensor | undefined,
): Tensor {
  const fused = sum !== undefined && sum.role !== "gradient";
  const inputs = [student, target, slopes, upstream, fused ? sum : student] as const;
  const [dx] = student.graph.apply(hiddenLossGradientOp, [...inputs], { cosine, residual: fused });
  return fused ? dx : accumulate(sum, dx);
}
