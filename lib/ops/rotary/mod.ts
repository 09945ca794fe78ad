/**
 * Rotary position embedding.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  float,
  grid,
  rowRanges,
  rows,
  rowsOf,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { type AttentionLayout, headSizeOf } from "../attention/layout.ts";
import { vectors } from "../vectors/mod.ts";
import source from "./rotary.wgsl" with { type: "text" };
import { rotaryTable } from "./table.ts";

const SIZE = 16;
const kernels = vectors("rotary", source);

/** The layout of a fused projection and the angles by which it is rotated. */
export interface RotaryOptions extends AttentionLayout {
  /** Leading dimensions of each head that are rotated: an even number, at most the head's size. */
  readonly dimensions: number;
  /** Base of the wavelengths. @default {10000} */
  readonly base?: number;
  /** Exponents of the frequencies, one for each pair of dimensions. @default {2 i / dimensions} */
  readonly exponents?: readonly number[] | undefined;
  /** Position of each sequence's first token. @default {0} */
  readonly offset?: number;
}

interface Attributes {
  readonly sequence: number;
  readonly heads: number;
  readonly dimensions: number;
  readonly inverse: boolean;
}

const rotaryOp = defineOp<Attributes, [x: Tensor, table: Tensor], [y: Tensor]>({
  name: "rotary",
  infer: ([x]) => [{ shape: x.shape }],
  gradient: ({ inputs: [, table], upstream: [dy], attributes }) => [
    (sum) => accumulate(sum, apply(dy, table, { ...attributes, inverse: !attributes.inverse })),
    undefined,
  ],
  cost({ inputs: [x, table], attributes: { heads, dimensions } }) {
    const turned = 2 * rowsOf(x).rows * heads * dimensions;
    return { flops: 3 * turned, bytes: BYTES_PER_ELEMENT * (2 * x.size + table.size) };
  },
  webgpu({ inputs: [x, table], outputs: [y], attributes: { sequence, heads, dimensions, inverse } }, target) {
    const { rows: total, width } = rowsOf(x);
    const size = width / (3 * heads);
    // Halves of the rotated part start and end at whole vectors, or everything is done value by value.
    const { kernel, per } = kernels(dimensions % 8 === 0 ? size : 1);
    return rowRanges(total, [width], target, x).map(({ start, count }) => ({
      kernel,
      constants: { SIZE },
      bindings: [rows(x, start, count, width), whole(table), rows(y, start, count, width)],
      uniforms: [count, start, sequence, heads, size / per, dimensions / 2 / per, float(inverse ? -1 : 1)],
      groups: grid(count * heads, SIZE),
    }));
  },
  cpu({ inputs: [x, table], outputs: [y], attributes: { sequence, heads, dimensions, inverse } }) {
    const { rows, width } = rowsOf(x);
    const most = rowsPerUnit(width);
    return [{
      kernel: "rotary",
      operands: [whole(x), whole(table), whole(y)],
      words: [rows, sequence, heads, width / (3 * heads), dimensions / 2, float(inverse ? -1 : 1), most],
      units: Math.ceil(rows / most),
    }];
  },
});

function apply(x: Tensor, table: Tensor, attributes: Attributes): Tensor {
  return x.graph.apply(rotaryOp, [x, table], attributes)[0];
}

/**
 * Rotates the queries and keys in a fused projection by their positions (Su et al. 2021, arXiv 2104.09864), in the
 * form of GPT-NeoX: dimension `i` of the rotated part is paired with `i + dimensions / 2` and turned by
 * `position * base^-exponents[i]`, by default `base^(-2 i / dimensions)`. Values and the other dimensions are copied.
 *
 * @param qkv `[batch * sequence, 3 * width]`, each head's q, k and v side by side.
 * @throws {RangeError} If the layout does not fit `qkv`, `dimensions` is odd or more than a head has, or there is not an exponent
 *   for each pair.
 */
export function rotary(qkv: Tensor, options: RotaryOptions): Tensor {
  const { sequence, heads, dimensions, base = 10000, offset = 0 } = options;
  const size = headSizeOf("rotate", qkv, options);
  if (!Number.isInteger(dimensions / 2) || dimensions < 2 || dimensions > size) {
    throw new RangeError(
      `Cannot rotate ${describe(qkv)}: dimensions must be even and from 2 to the head's ${size}, found ${dimensions}`,
    );
  }
  const pairs = dimensions / 2;
  const { exponents = Array.from({ length: pairs }, (_, i) => 2 * i / dimensions) } = options;
  if (exponents.length !== pairs) {
    throw new RangeError(
      `Cannot rotate ${describe(qkv)}: exponents must be one for each of the ${pairs} pairs, found ${exponents.length}`,
    );
  }
  const table = rotaryTable(qkv.graph, { sequence, offset, exponents, base });
  return apply(qkv, table, { sequence, heads, dimensions, inverse: false });
}
