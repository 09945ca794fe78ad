/**
 * Layer normalisation and its gradient.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  float,
  rowRanges,
  rows,
  rowsOf,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { columnSum } from "../column_sum/mod.ts";
import { reduction } from "../reduction/mod.ts";
import forward from "./forward.wgsl" with { type: "text" };
import backward from "./backward.wgsl" with { type: "text" };

const forwardKernel = reduction("layer_norm", forward);
const backwardKernel = reduction("layer_norm_gradient", backward);

interface Attributes {
  readonly epsilon: number;
}

const layerNormOp = defineOp<
  Attributes,
  [x: Tensor, gain: Tensor, bias: Tensor],
  [y: Tensor, mean: Tensor, rstd: Tensor]
>({
  name: "layerNorm",
  infer([x, gain, bias]) {
    const { width, rows } = rowsOf(x);
    if (gain.size !== width || bias.size !== width) {
      throw new RangeError(
        `Cannot normalise ${describe(x)}: gain and bias must have ${width} values, found ${describe(gain)} and ` +
          describe(bias),
      );
    }
    return [{ shape: x.shape }, { shape: [rows] }, { shape: [rows] }];
  },
  gradient({ inputs: [x, gain], outputs: [, mean, rstd], upstream, needs }) {
    // mean and rstd stay in this file, so the loss depends on y.
    const dy = upstream[0]!;
    return [
      needs(0) ? (sum) => layerNormGradient(x, gain, mean, rstd, dy, sum) : undefined,
      needs(1) ? (sum) => columnSum(dy, { into: sum, normalised: { x, mean, rstd } }) : undefined,
      needs(2) ? (sum) => columnSum(dy, { into: sum }) : undefined,
    ];
  },
  cost: ({ inputs: [x] }) => ({ flops: 8 * x.size, bytes: 2 * BYTES_PER_ELEMENT * x.size }),
  webgpu({ inputs: [x, gain, bias], outputs: [y, mean, rstd], attributes: { epsilon } }, target) {
    const { rows: count, width } = rowsOf(x);
    const { per, launch } = forwardKernel(width, target.tiled("layerNorm"));
    return rowRanges(count, [width], target, x).map((range) => ({
      ...launch(range.count),
      bindings: [
        rows(x, range.start, range.count, width),
        whole(gain),
        whole(bias),
        rows(y, range.start, range.count, width),
        rows(mean, range.start, range.count, 1),
        rows(rstd, range.start, range.count, 1),
      ],
      uniforms: [range.count, width / per, float(epsilon)],
    }));
  },
  cpu({ inputs: [x, gain, bias], outputs: [y, mean, rstd], attributes: { epsilon } }) {
    const { rows, width } = rowsOf(x);
    const most = rowsPerUnit(width);
    return [{
      kernel: "layerNorm",
      operands: [x, gain, bias, y, mean, rstd].map(whole),
      words: [rows, width, float(epsilon), most],
      units: Math.ceil(rows / most),
    }];
  },
});

const layerNormGradientOp = defineOp<
  { readonly residual: boolean },
  [x: Tensor, gain: Tensor, mean: Tensor, rstd: Tensor, dy: Tensor, residual: Tensor],
  [dx: Tensor]
>({
  name: "layerNormGradient",
  infer: ([x]) => [{ shape: x.shape }],
  cost: ({ inputs: [x] }) => ({ flops: 14 * x.size, bytes: 3 * BYTES_PER_ELEMENT * x.size }),
  webgpu({ inputs: [x, gain, mean, rstd, dy, residual], outputs: [dx], attributes }, target) {
    const { rows: count, width } = rowsOf(x);
    const { per, launch } = backwardKernel(width, target.tiled("layerNorm"));
    return rowRanges(count, [width], target, x).map((range) => {
      const part = (tensor: Tensor, length: number) => rows(tensor, range.start, range.count, length);
      return {
        ...launch(range.count),
        bindings: [
          part(x, width),
          whole(gain),
          part(mean, 1),
          part(rstd, 1),
          part(dy, width),
          part(residual, width),
          part(dx, width),
        ],
        uniforms: [range.count, width / per, attributes.residual ? 1 : 0],
      };
    });
  },
  cpu({ inputs, outputs: [dx], attributes }) {
    const { rows, width } = rowsOf(dx);
    const most = rowsPerUnit(width);
    return [{
      kernel: "layerNormGradient",
      operands: [...inputs, dx].map(whole),
      words: [rows, width, attributes.residual ? 1 : 0, most],
      units: Math.ceil(rows / most),
    }];
  },
});

function layerNormGradient(
  x: Tensor,
  gain: Tensor,
  mean: Tensor,
  rstd: Tensor,
  dy: Tensor,
  sum: Tensor | undefined,
): Tensor {
  const fused = sum !== undefined && sum.role !== "gradient";
  const [dx] = x.graph.apply(layerNormGradientOp, [x, gain, mean, rstd, dy, fused ? sum : dy], { residual: fused });
  return fused ? dx : accumulate(sum, dx);
}

/**
 * Normalises the last dimension to mean 0 and variance 1, then applies a gain and a bias (Ba, Kiros & Hinton 2016,
 * arXiv 1607.06450).
 *
 * @param x `[..., width]`.
 * @param gain `[width]`.
 * @param bias `[width]`.
 * @param epsilon Added to the variance. @default {1e-5}
 * @returns `[..., width]`.
 * @throws {RangeError} If gain or bias have another width.
 */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  return x.graph.apply(layerNormOp, [x, gain, bias], { epsilon })[0];
}
