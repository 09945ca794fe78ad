/**
 * The Gaussian error linear unit and its derivative.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  type Dispatch,
  grid,
  oneOf,
  rowRanges,
  rows,
  type Target,
  type Tensor,
  unitsOf,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import functions from "./functions.wgsl" with { type: "text" };
import source from "./gelu.wgsl" with { type: "text" };

/** `gelu` is the exact form, x times the normal distribution function; `gelu_tanh` its tanh approximation. */
export type Activation = "gelu" | "gelu_tanh";

/** The activations there are. */
export const ACTIVATIONS = ["gelu", "gelu_tanh"] as const satisfies readonly Activation[];

/** WGSL text of `gelu` and `gelu_slope` on four values, for kernels that fuse them; needs the constant `ERF`. */
export const geluFunctions: string = functions;

const SIZE = 64;
const kernel = { name: "gelu", source: functions + source };

interface Attributes {
  readonly activation: Activation;
}

function lower(x: Tensor, dy: Tensor | undefined, y: Tensor, form: Activation, target: Target): Dispatch[] {
  return rowRanges(x.size, [1], target, x).map(({ start, count }) => ({
    kernel,
    constants: { SIZE, ERF: form === "gelu", GRADIENT: dy !== undefined },
    bindings: [x, dy ?? x, y].map((tensor) => rows(tensor, start, count, 1)),
    uniforms: [Math.ceil(count / 4)],
    groups: grid(Math.ceil(count / 4), SIZE),
  }));
}

const geluOp = defineOp<Attributes, [x: Tensor], [y: Tensor]>({
  name: "gelu",
  infer: ([x]) => [{ shape: x.shape }],
  gradient: ({ inputs: [x], upstream: [dy], attributes }) => [
    (sum) => accumulate(sum, geluGradient(x, dy, attributes.activation)),
  ],
  cost: ({ inputs: [x] }) => ({ flops: 14 * x.size, bytes: 2 * BYTES_PER_ELEMENT * x.size }),
  webgpu: ({ inputs: [x], outputs: [y], attributes }, target) => lower(x, undefined, y, attributes.activation, target),
  cpu: ({ inputs: [x], outputs: [y], attributes: { activation } }) => [{
    kernel: "gelu",
    operands: [whole(x), whole(y)],
    words: [x.size, activation === "gelu" ? 1 : 0],
    units: unitsOf(x.size),
  }],
});

const geluGradientOp = defineOp<Attributes, [x: Tensor, dy: Tensor], [dx: Tensor]>({
  name: "geluGradient",
  infer: ([x]) => [{ shape: x.shape }],
  cost: ({ inputs: [x] }) => ({ flops: 20 * x.size, bytes: 3 * BYTES_PER_ELEMENT * x.size }),
  webgpu: ({ inputs: [x, dy], outputs: [dx], attributes }, target) => lower(x, dy, dx, attributes.activation, target),
  cpu: ({ inputs: [x, dy], outputs: [dx], attributes: { activation } }) => [{
    kernel: "geluGradient",
    operands: [whole(x), whole(dy), whole(dx)],
    words: [x.size, activation === "gelu" ? 1 : 0],
    units: unitsOf(x.size),
  }],
});

/**
 * Applies the Gaussian error linear unit to each value (Hendrycks & Gimpel 2016, arXiv 1606.08415).
 *
 * @param x Any shape.
 * @param activation The exact form or its tanh approximation. @default {"gelu"}
 * @returns The shape of `x`.
 * @throws {RangeError} If there is no such activation.
 */
export function gelu(x: Tensor, activation: Activation = "gelu"): Tensor {
  oneOf(activation, ACTIVATIONS, `Cannot apply gelu to ${describe(x)}: 'activation'`);
  return x.graph.apply(geluOp, [x], { activation })[0];
}

/** Multiplies `dy` with the derivative of gelu at `x`; for ops that fuse gelu into their output. */
export function geluGradient(x: Tensor, dy: Tensor, activation: Activation): Tensor {
  return x.graph.apply(geluGradientOp, [x, dy], { activation })[0];
}
