/**
 * AdamW on pages of packed parameters.
 *
 * @module
 */

import {
  ALIGNED_ELEMENTS,
  BYTES_PER_ELEMENT,
  defineOp,
  float,
  grid,
  rowRanges,
  rows,
  type Tensor,
  unitsOf,
  whole,
} from "../define.ts";
import source from "./adamw.wgsl" with { type: "text" };

const SIZE = 64;
/** Values that share one decay flag: the alignment of parameters in a page. */
export const DECAY_BLOCK = ALIGNED_ELEMENTS;
const kernel = { name: "adamw", source };

/** AdamW's constants. */
export interface AdamWOptions {
  /** Decay of the running mean of the gradient. */
  readonly beta1: number;
  /** Decay of the running mean of its square. */
  readonly beta2: number;
  /** Added to the root of the second mean. */
  readonly epsilon: number;
  /** Decoupled decay, multiplied by the learning rate and by the block's flag. */
  readonly weightDecay: number;
}

const adamwOp = defineOp<
  AdamWOptions,
  [scalars: Tensor, factor: Tensor, decays: Tensor, gradient: Tensor, parameter: Tensor, first: Tensor, second: Tensor],
  []
>({
  name: "adamw",
  infer([, , decays, gradient, ...packed]) {
    for (const tensor of packed) {
      if (tensor.size !== gradient.size || gradient.size !== decays.size * DECAY_BLOCK) {
        throw new RangeError(
          `Cannot update '${tensor.name}': a page and its state must have ${decays.size * DECAY_BLOCK} values, ` +
            `found ${tensor.size} and ${gradient.size}`,
        );
      }
    }
    return [];
  },
  updates: () => [4, 5, 6],
  cost: ({ inputs: [, , , gradient] }) => ({ flops: 16 * gradient.size, bytes: 7 * BYTES_PER_ELEMENT * gradient.size }),
  webgpu({ inputs, attributes }, target) {
    const [scalars, factor, decays, gradient, parameter, first, second] = inputs;
    return rowRanges(decays.size, [DECAY_BLOCK], target, parameter).map(({ start, count }) => ({
      kernel,
      constants: { SIZE },
      bindings: [
        whole(scalars),
        whole(factor),
        rows(decays, start, count, 1),
        ...[gradient, parameter, first, second].map((tensor) => rows(tensor, start, count, DECAY_BLOCK)),
      ],
      uniforms: [count * DECAY_BLOCK / 4, ...constants(attributes)],
      groups: grid(count * DECAY_BLOCK / 4, SIZE),
    }));
  },
  cpu: ({ inputs, attributes }) => [{
    kernel: "adamw",
    operands: inputs.map(whole),
    words: [inputs[3].size, ...constants(attributes)],
    units: unitsOf(inputs[3].size),
  }],
});

/** The constants as kernels take them: how far each mean moves towards the new value, epsilon and the decay. */
function constants({ beta1, beta2, epsilon, weightDecay }: AdamWOptions): number[] {
  return [1 - beta1, 1 - beta2, epsilon, weightDecay].map(float);
}

/** What one update changes and reads. All but the scalars are packed: one page of many parameters. */
export interface AdamWTensors {
  /** `[3]`: the learning rate, 1 / (1 - beta1^t) and 1 / (1 - beta2^t). */
  readonly scalars: Tensor;
  /** `[1]`: what the gradient is multiplied with, from `clip`. */
  readonly factor: Tensor;
  /** One decay multiplier for each block of 64 values. */
  readonly decays: Tensor;
  /** A page of gradients. */
  readonly gradient: Tensor;
  /** The page that is updated. */
  readonly parameter: Tensor;
  /** Running mean of the gradient. */
  readonly first: Tensor;
  /** Running mean of its square. */
  readonly second: Tensor;
}

/** Updates a page of packed parameters in place by AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2). */
export function adamw(tensors: AdamWTensors, options: AdamWOptions): void {
  const { scalars, factor, decays, gradient, parameter, first, second } = tensors;
  parameter.graph.apply(adamwOp, [scalars, factor, decays, gradient, parameter, first, second], options);
}
