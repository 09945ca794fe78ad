/**
 * Sums over the rows of a matrix: gradients of biases and gains.
 *
 * @module
 */

import {
  ALIGNED_ROWS,
  BYTES_PER_ELEMENT,
  type Cost,
  defineOp,
  describe,
  type Dispatch,
  rowRanges,
  rows,
  rowsOf,
  type Tensor,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { combinePass, stripPass } from "./kernels.ts";

/** Rows that are summed first: enough strips to fill a device, few enough to keep the second pass small. */
const STRIP = 64;
/** Columns whose strips one unit adds up on the CPU. */
const COMBINED = 256;

interface Attributes {
  readonly normalised: boolean;
  readonly accumulate: boolean;
}

function work(values: number, normalised: boolean): Cost {
  return { flops: (normalised ? 4 : 1) * values, bytes: (normalised ? 2 : 1) * BYTES_PER_ELEMENT * values };
}

const columnSumOp = defineOp<
  Attributes,
  [dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, ...into: Tensor[]],
  [partials: Tensor, ...fresh: Tensor[]]
>({
  name: "columnSum",
  infer([dy, , , , into], { accumulate }) {
    const { rows, width } = rowsOf(dy);
    if (into && into.size !== width) {
      throw new RangeError(
        `Cannot sum the columns of ${describe(dy)}: 'into' must have ${width} values, found ${describe(into)}`,
      );
    }
    const strips = { shape: [Math.ceil(rows / STRIP), width] };
    return accumulate ? [strips] : [strips, { shape: [width] }];
  },
  updates: (_, { accumulate }) => accumulate ? [4] : [],
  cost: ({ inputs: [dy], attributes: { normalised } }) => work(dy.size, normalised),
  webgpu({ inputs: [dy, x, mean, rstd, into], outputs: [partials, fresh], attributes }, target) {
    const { rows: total, width } = rowsOf(dy);
    const tiled = target.tiled("columnSum");
    // So many rows that their strips' partial rows end where another binding may start.
    const unit = STRIP * ALIGNED_ROWS / Math.min(ALIGNED_ROWS, width & -width);
    const dispatches = rowRanges(total, [width], target, dy, unit).map(({ start, count }): Dispatch => {
      const strips = Math.ceil(count / STRIP);
      const { per, constants, ...launch } = stripPass(width, strips, tiled);
      const values = rows(dy, start, count, width);
      return {
        ...launch,
        constants: { ...constants, NORMALISED: attributes.normalised, ACCUMULATE: false },
        bindings: [
          values,
          rows(x, start, count, width),
          attributes.normalised ? rows(mean, start, count, 1) : values,
          attributes.normalised ? rows(rstd, start, count, 1) : values,
          rows(partials, start / STRIP, strips, width),
        ],
        uniforms: [count, width / per, STRIP],
        work: work(count * width, attributes.normalised),
      };
    });
    const strips = partials.shape[0]!;
    const { per, constants, ...launch } = combinePass(width, 1, tiled);
    return [...dispatches, {
      ...launch,
      constants: { ...constants, NORMALISED: false, ACCUMULATE: attributes.accumulate },
      bindings: [partials, partials, partials, partials, into ?? fresh!].map(whole),
      uniforms: [strips, width / per, strips],
      work: work(partials.size, false),
    }];
  },
  cpu({ inputs: [dy, x, mean, rstd, into], outputs: [partials, fresh], attributes }) {
    const { rows, width } = rowsOf(dy);
    const { normalised, accumulate } = attributes;
    return [
      {
        kernel: "columnSumPartial",
        operands: [dy, x, mean, rstd, partials].map(whole),
        words: [rows, width, STRIP, normalised ? 1 : 0],
        units: partials.shape[0]!,
        work: work(dy.size, normalised),
      },
      {
        kernel: "columnSumCombine",
        operands: [whole(partials), whole(into ?? fresh!)],
        words: [partials.shape[0]!, width, accumulate ? 1 : 0, COMBINED],
        units: Math.ceil(width / COMBINED),
        work: work(partials.size, false),
      },
    ];
  },
});

/** How to sum columns, and where to. */
export interface ColumnSumOptions {
  /** The sum found so far. An accumulator is added to in place, any other tensor is added to the result. */
  readonly into?: Tensor | undefined;
  /** Multiplies each value by `(x - mean) * rstd` first: the gradient of a norm's gain. */
  readonly normalised?: { readonly x: Tensor; readonly mean: Tensor; readonly rstd: Tensor };
}

/**
 * Sums the rows of a matrix in a fixed order, strips of 64 rows first: `[rows, width]` to `[width]`.
 * The gradient of a bias, and with `normalised` that of a norm's gain.
 *
 * @throws {RangeError} If `into` has not one value for each column.
 */
export function columnSum(dy: Tensor, { into, normalised }: ColumnSumOptions = {}): Tensor {
  const inPlace = into?.role === "gradient";
  const { x, mean, rstd } = normalised ?? { x: dy, mean: dy, rstd: dy };
  const attributes = { normalised: normalised !== undefined, accumulate: inPlace };
  const outputs = dy.graph.apply(columnSumOp, [dy, x, mean, rstd, ...(inPlace ? [into] : [])], attributes);
  return inPlace ? into : accumulate(into, outputs[1]!);
}
