/**
 * Causal self-attention and its gradient.
 *
 * @module
 */

import {
  ALIGNED_ELEMENTS,
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  type Dispatch,
  rowRanges,
  rows,
  rowsOf,
  type Target,
  type Tensor,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { backwardInstruction, forwardInstruction } from "./instructions.ts";
import { type AttentionKernel, type AttentionSizes, kernels, launch } from "./kernels.ts";
import { type AttentionLayout, headSizeOf } from "./layout.ts";

export type { AttentionLayout } from "./layout.ts";

/** How to attend. */
export interface AttentionOptions extends AttentionLayout {
  /** What products of queries and keys are multiplied with; above 0. @default {1 / sqrt(size)} */
  readonly scale?: number | undefined;
}

interface Attributes extends AttentionLayout {
  readonly scale: number;
}

const attentionOp = defineOp<Attributes, [qkv: Tensor], [out: Tensor, lse: Tensor]>({
  name: "attention",
  infer([qkv], layout) {
    const { batch, sequence, heads } = layout;
    const size = headSizeOf("attend in", qkv, layout);
    return [{ shape: [batch * sequence, heads * size] }, { shape: [batch, heads, sequence] }];
  },
  gradient: ({ inputs: [qkv], outputs: [out, lse], upstream: [dout], attributes }) => [
    // lse stays in this file, so the loss depends on out.
    (sum) => accumulate(sum, attentionGradient(qkv, out, lse, dout!, attributes)),
  ],
  cost({ inputs: [qkv], outputs: [out, lse], attributes }) {
    return { flops: 4 * products(qkv, attributes), bytes: BYTES_PER_ELEMENT * (qkv.size + out.size + lse.size) };
  },
  webgpu({ inputs: [qkv], outputs: [out, lse], attributes }, target) {
    return lower(qkv, attributes, target, [{ kernel: kernels.forward, operands: [qkv, out, lse], flops: 4 }]);
  },
  cpu: ({ inputs: [qkv], outputs: [out, lse], attributes }) => [
    forwardInstruction([qkv, out, lse], sizesOf(qkv, attributes)),
  ],
});

const attentionGradientOp = defineOp<
  Attributes,
  [qkv: Tensor, out: Tensor, lse: Tensor, dout: Tensor],
  [dqkv: Tensor, delta: Tensor]
>({
  name: "attentionGradient",
  infer: ([qkv, , lse]) => [{ shape: qkv.shape }, { shape: lse.shape }],
  cost: ({ inputs: [qkv, out, lse], attributes }) => ({
    flops: 14 * products(qkv, attributes),
    bytes: 2 * BYTES_PER_ELEMENT * (qkv.size + out.size + lse.size),
  }),
  webgpu({ inputs: [qkv, out, lse, dout], outputs: [dqkv, delta], attributes }, target) {
    return lower(qkv, attributes, target, [
      { kernel: kernels.backwardQueries, operands: [qkv, out, lse, dout, dqkv, delta], flops: 6 },
      { kernel: kernels.backwardKeys, operands: [qkv, lse, delta, dout, dqkv], flops: 8 },
    ]);
  },
  cpu: ({ inputs, outputs, attributes }) => [
    backwardInstruction([...inputs, ...outputs], sizesOf(inputs[0], attributes)),
  ],
});

/** Multiply-adds of one product over all visible pairs of query and key, each pair over the head's dimensions. */
function products(qkv: Tensor, { batch, sequence }: AttentionLayout): number {
  return batch * sequence * (sequence + 1) / 2 * rowsOf(qkv).width / 3;
}

function sizesOf(qkv: Tensor, layout: Attributes): AttentionSizes {
  return { ...layout, size: rowsOf(qkv).width / (3 * layout.heads) };
}

interface Pass {
  readonly kernel: AttentionKernel;
  readonly operands: readonly Tensor[];
  /** Operations a multiply-add of `products`. */
  readonly flops: number;
}

/** Launches passes over ranges of whole sequences, each small enough to bind. */
function lower(qkv: Tensor, layout: Attributes, target: Target, passes: readonly Pass[]): Dispatch[] {
  const { batch } = layout;
  const sizes = sizesOf(qkv, layout);
  const ofSequence = (tensor: Tensor) => tensor.size / batch;
  const ranges = rowRanges(batch, [ofSequence(qkv)], target, qkv, alignedSequences(sizes.sequence * sizes.heads));
  return ranges.flatMap(({ start, count }) =>
    passes.map(({ kernel, operands, flops }): Dispatch => ({
      ...launch(kernel, { ...sizes, batch: count }, target),
      bindings: operands.map((tensor) => rows(tensor, start, count, ofSequence(tensor))),
      work: {
        flops: flops * products(qkv, layout) * count / batch,
        bytes: operands.reduce((sum, tensor) => sum + BYTES_PER_ELEMENT * ofSequence(tensor) * count, 0),
      },
    }))
  );
}

/** The least number of sequences whose statistics, one value a row and head, are whole binding alignments. */
function alignedSequences(statistics: number): number {
  let count = 1;
  while (count * statistics % ALIGNED_ELEMENTS !== 0) count *= 2;
  return count;
}

function attentionGradient(qkv: Tensor, out: Tensor, lse: Tensor, dout: Tensor, layout: Attributes): Tensor {
  return qkv.graph.apply(attentionGradientOp, [qkv, out, lse, dout], layout)[0];
}

/**
 * Applies causal self-attention, `softmax(scale q k^T, causal) v` for each head (Vaswani et al. 2017, arXiv
 * 1706.03762), computed without storing the scores (Dao et al. 2022, arXiv 2205.14135). Sums run in a fixed order.
 *
 * @param qkv `[batch * sequence, 3 * width]`, each head's q, k and v side by side.
 * @returns `[batch * sequence, width]`, heads side by side.
 * @throws {RangeError} If the layout does not fit `qkv`, or the scale is not above 0.
 */
export function attention(qkv: Tensor, options: AttentionOptions): Tensor {
  const { batch, sequence, heads } = options;
  const { scale = 1 / Math.sqrt(headSizeOf("attend in", qkv, options)) } = options;
  if (!(scale > 0)) throw new RangeError(`Cannot attend in ${describe(qkv)}: scale must be above 0, found ${scale}`);
  return qkv.graph.apply(attentionOp, [qkv], { batch, sequence, heads, scale })[0];
}
