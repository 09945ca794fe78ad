/**
 * Dropout with masks that are computed where they are used, from a key, and never stored.
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
import { accumulate } from "../add/mod.ts";
import source from "./dropout.wgsl" with { type: "text" };

const SIZE = 64;
const kernel = { name: "dropout", source };
/** 2^32 divided by the golden ratio: sites' words lie far apart. */
const GOLDEN = 0x9e3779b9;

interface Attributes {
  readonly rate: number;
  readonly site: number;
}

type Inputs = [x: Tensor, key: Tensor, ...residual: Tensor[]];

/** Values whose 32-bit draw lies below it are dropped. */
function threshold(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}

function lower([x, key, residual]: Inputs, y: Tensor, { rate, site }: Attributes, target: Target): Dispatch[] {
  return rowRanges(x.size, [1], target, x).map(({ start, count }) => ({
    kernel,
    constants: { SIZE, RESIDUAL: residual !== undefined },
    bindings: [rows(x, start, count, 1), whole(key), ...[residual ?? x, y].map((t) => rows(t, start, count, 1))],
    uniforms: [count, start, Math.imul(site, GOLDEN) >>> 0, threshold(rate), float(1 / (1 - rate))],
    groups: grid(Math.ceil(count / 4), SIZE),
  }));
}

const dropoutOp = defineOp<Attributes, Inputs, [y: Tensor]>({
  name: "dropout",
  infer: ([x]) => [{ shape: x.shape }],
  gradient: ({ inputs: [, key, residual], upstream: [dy], attributes }) => [
    (sum) =>
      sum?.role === "gradient"
        ? accumulate(sum, dropout(dy, { ...attributes, key }))
        : dropout(dy, { ...attributes, key, residual: sum }),
    undefined,
    ...(residual ? [(sum: Tensor | undefined) => accumulate(sum, dy)] : []),
  ],
  cost: ({ inputs: [x, , residual] }) => ({
    flops: 2 * x.size,
    bytes: (residual ? 3 : 2) * BYTES_PER_ELEMENT * x.size,
  }),
  webgpu: ({ inputs, outputs: [y], attributes }, target) => lower(inputs, y, attributes, target),
  cpu: ({ inputs: [x, key, residual], outputs: [y], attributes: { rate, site } }) => [{
    kernel: "dropout",
    operands: [x, key, residual ?? x, y].map(whole),
    words: [
      x.size,
      residual ? 1 : 0,
      Math.imul(site, GOLDEN) >>> 0,
      threshold(rate),
      float(1 / (1 - rate)),
    ],
    units: unitsOf(x.size),
  }],
});

/** What is dropped. */
export interface DropoutOptions {
  /** Probability of a value to become 0; at least 0 and below 1. */
  readonly rate: number;
  /** u32 `[2]`, random words: with equal keys a site drops the same values, with others independent ones. */
  readonly key: Tensor;
  /** Tells applications apart that share a key, as the layers of a model do. @default {0} */
  readonly site?: number;
  /** Of the size of `x`; added to the result. */
  readonly residual?: Tensor | undefined;
}

/**
 * Sets values to 0 at random, each with probability `rate`, and divides those that stay by `1 - rate` (Srivastava et
 * al. 2014, JMLR 15:1929, in its inverted form), then adds `residual`.
 *
 * Whether value `i` stays is a hash of `i`, the key and the site, so the backward pass computes the forward pass's mask
 * again, and a mask does not depend on the device or the number of threads.
 *
 * @param x Any shape.
 * @returns The shape of `x`.
 * @throws {RangeError} If `rate` is out of range, or the key or the residual has another size.
 */
export function dropout(x: Tensor, { rate, key, site = 0, residual }: DropoutOptions): Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot drop values of ${describe(x)}: 'rate' must be at least 0 and below 1, found ${rate}`);
  }
  if (key.size !== 2 || key.dtype !== "u32") {
    throw new RangeError(`Cannot drop values of ${describe(x)}: 'key' must be u32 [2], found ${describe(key)}`);
  }
  if (residual && residual.size !== x.size) {
    throw new RangeError(
      `Cannot drop values of ${describe(x)}: 'residual' must have ${x.size} values, found ${describe(residual)}`,
    );
  }
  return x.graph.apply(dropoutOp, residual ? [x, key, residual] : [x, key], { rate, site })[0];
}
