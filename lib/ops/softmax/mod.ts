/**
 * From logits to probabilities.
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
import { reduction, sumsOfExponentials } from "../reduction/mod.ts";
import source from "./softmax.wgsl" with { type: "text" };

const softmaxKernel = reduction("softmax", sumsOfExponentials + source);

const softmaxOp = defineOp<{ readonly cool: number }, [logits: Tensor], [probabilities: Tensor]>({
  name: "softmax",
  infer: ([logits]) => [{ shape: logits.shape }],
  cost: ({ inputs: [logits] }) => ({ flops: 6 * logits.size, bytes: 2 * BYTES_PER_ELEMENT * logits.size }),
  webgpu({ inputs: [logits], outputs: [probabilities], attributes: { cool } }, target) {
    const { rows: count, width } = rowsOf(logits);
    const { per, launch } = softmaxKernel(width, target.tiled("crossEntropy"));
    return rowRanges(count, [width], target, logits).map((range) => ({
      ...launch(range.count),
      bindings: [logits, probabilities].map((each) => rows(each, range.start, range.count, width)),
      uniforms: [range.count, width / per, float(cool)],
    }));
  },
  cpu({ inputs: [logits], outputs: [probabilities], attributes: { cool } }) {
    const { rows, width } = rowsOf(logits);
    const most = rowsPerUnit(width);
    return [{
      kernel: "softmax",
      operands: [whole(logits), whole(probabilities)],
      words: [rows, width, float(cool), most],
      units: Math.ceil(rows / most),
    }];
  },
});

/**
 * Computes the softmax of each row of the last dimension, of logits divided by a temperature. It has no gradient: losses
 * compute their own, fused with the output projection.
 *
 * @param logits `[..., width]`.
 * @param temperature Above 0. @default {1}
 * @returns Of the same shape.
 * @throws {RangeError} If the temperature is not above 0.
 */
export function softmax(logits: Tensor, temperature = 1): Tensor {
  if (!(temperature > 0)) {
    throw new RangeError(
      `Cannot compute the softmax of ${describe(logits)}: 'temperature' must be above 0, found ${temperature}`,
    );
  }
  return logits.graph.apply(softmaxOp, [logits], { cool: 1 / temperature })[0];
}
