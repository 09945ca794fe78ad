/**
 * Clipping of gradients by their global norm.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, defineOp, float, type Tensor, whole } from "../define.ts";
import source from "./clip.wgsl" with { type: "text" };

const kernel = { name: "clip", source };

const clipOp = defineOp<{ readonly maximum: number }, [squares: Tensor], [norm: Tensor, factor: Tensor]>({
  name: "clip",
  infer: () => [{ shape: [1] }, { shape: [1] }],
  cost: () => ({ flops: 2, bytes: 3 * BYTES_PER_ELEMENT }),
  webgpu: ({ inputs: [squares], outputs: [norm, factor], attributes: { maximum } }) => [{
    kernel,
    constants: {},
    bindings: [whole(squares), whole(norm), whole(factor)],
    uniforms: [float(maximum)],
    groups: [1, 1, 1],
  }],
  cpu: ({ inputs: [squares], outputs: [norm, factor], attributes: { maximum } }) => [{
    kernel: "clip",
    operands: [whole(squares), whole(norm), whole(factor)],
    words: [float(maximum)],
    units: 1,
  }],
});

/**
 * Computes the global norm of a gradient and the factor that clips it (Pascanu, Mikolov & Bengio 2013, arXiv
 * 1211.5063).
 *
 * @param squares The sum of squares of all gradients, `[1]`.
 * @param maximum The norm above which gradients are scaled down to it; 0 turns clipping off.
 * @returns Both `[1]`.
 */
export function clip(squares: Tensor, maximum: number): { norm: Tensor; factor: Tensor } {
  const [norm, factor] = squares.graph.apply(clipOp, [squares], { maximum });
  return { norm, factor };
}
