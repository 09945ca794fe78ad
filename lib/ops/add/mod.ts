/**
 * Sums of two tensors, new or in place.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  type Dispatch,
  float,
  grid,
  rowRanges,
  rows,
  type Target,
  type Tensor,
  unitsOf,
  whole,
} from "../define.ts";
import source from "./add.wgsl" with { type: "text" };

const SIZE = 64;
const kernel = { name: "add", source };

interface Attributes {
  readonly alpha: number;
}

function checkSizes(name: string, x: Tensor, y: Tensor): void {
  if (x.size !== y.size) {
    throw new RangeError(
      `Cannot ${name}: both tensors must have as many elements, found ${describe(x)} and ${describe(y)}`,
    );
  }
}

function lower(x: Tensor, y: Tensor, out: Tensor, alpha: number, inPlace: boolean, target: Target): Dispatch[] {
  return rowRanges(x.size, [1], target, x).map(({ start, count }) => ({
    kernel,
    constants: { SIZE, IN_PLACE: inPlace },
    bindings: [x, y, out].map((tensor) => rows(tensor, start, count, 1)),
    uniforms: [count, float(alpha)],
    groups: grid(Math.ceil(count / 4), SIZE),
  }));
}

const addOp = defineOp<Attributes, [y: Tensor, x: Tensor], [out: Tensor]>({
  name: "add",
  infer([y, x]) {
    checkSizes("add", x, y);
    return [{ shape: y.shape }];
  },
  gradient: ({ upstream: [dy], attributes: { alpha } }) => [
    (sum) => accumulate(sum, dy),
    (sum) =>
      sum?.role === "gradient" ? axpy(sum, dy, alpha) : alpha === 1 ? accumulate(sum, dy) : scaled(dy, alpha, sum),
  ],
  cost: ({ inputs: [y] }) => ({ flops: 2 * y.size, bytes: 3 * BYTES_PER_ELEMENT * y.size }),
  webgpu: ({ inputs: [y, x], outputs: [out], attributes: { alpha } }, target) => lower(x, y, out, alpha, false, target),
  cpu: ({ inputs: [y, x], outputs: [out], attributes: { alpha } }) => [{
    kernel: "add",
    operands: [whole(y), whole(x), whole(out)],
    words: [y.size, float(alpha)],
    units: unitsOf(y.size),
  }],
});

const axpyOp = defineOp<Attributes, [y: Tensor, x: Tensor], []>({
  name: "axpy",
  infer([y, x]) {
    checkSizes("axpy", x, y);
    return [];
  },
  updates: () => [0],
  cost: ({ inputs: [y] }) => ({ flops: 2 * y.size, bytes: 3 * BYTES_PER_ELEMENT * y.size }),
  webgpu: ({ inputs: [y, x], attributes: { alpha } }, target) => lower(x, x, y, alpha, true, target),
  cpu: ({ inputs: [y, x], attributes: { alpha } }) => [{
    kernel: "axpy",
    operands: [whole(y), whole(x)],
    words: [y.size, float(alpha)],
    units: unitsOf(y.size),
  }],
});

/** Adds two tensors of the same size: `y + alpha x`. The result has the shape of `y`. @default {alpha = 1} */
export function add(y: Tensor, x: Tensor, alpha = 1): Tensor {
  return y.graph.apply(addOp, [y, x], { alpha })[0];
}

/** Adds `alpha x` to `y` in place and returns `y`; for memory that outlives the program. */
export function axpy(y: Tensor, x: Tensor, alpha = 1): Tensor {
  y.graph.apply(axpyOp, [y, x], { alpha });
  return y;
}

/** Adds a gradient to the sum found so far: in place if the sum is an accumulator, else as a new tensor. */
export function accumulate(sum: Tensor | undefined, gradient: Tensor): Tensor {
  if (!sum) return gradient;
  return sum.role === "gradient" ? axpy(sum, gradient) : add(sum, gradient);
}

function scaled(x: Tensor, alpha: number, sum: Tensor | undefined): Tensor {
  return sum ? add(sum, x, alpha) : add(x, x, alpha - 1);
}
