/**
 * Rows and columns of a matrix by lists of indices.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  type Dispatch,
  grid,
  type Instruction,
  rowRanges,
  rows as rowsIn,
  rowsOf,
  rowsPerUnit,
  type Target,
  type Tensor,
  whole,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { zeros } from "../zeros/mod.ts";
import source from "./gather.wgsl" with { type: "text" };
import { roundsOf } from "./rounds.ts";

const SIZE = 64;
const kernel = { name: "gather", source };

/** Which rows and columns of a matrix are picked; a dimension without a list is taken whole. */
export interface Picks {
  /** u32, `[rows kept]`. */
  readonly rows?: Tensor | undefined;
  /** u32, `[columns kept]`. */
  readonly columns?: Tensor | undefined;
}

interface Attributes {
  readonly rows: boolean;
  readonly columns: boolean;
}

/** Refuses indices past the end of a matrix, where only constants are known before a run. */
function checkIndices(
  verb: string,
  matrix: Tensor,
  lists: readonly [rows: Tensor, columns: Tensor],
  attributes: Attributes,
): void {
  const { rows, width } = rowsOf(matrix);
  const bounds = [attributes.rows && rows, attributes.columns && width];
  lists.forEach((list, axis) => {
    const bound = bounds[axis];
    if (!bound) return;
    const values = list.graph.constants.get(list.base)?.subarray(list.offset, list.offset + list.size);
    const found = values?.find((index) => index >= bound);
    if (found === undefined) return;
    throw new RangeError(
      `Cannot ${verb} ${describe(matrix)}: indices must be below ${bound}, found ${found} in ${describe(list)}`,
    );
  });
}

/** Inputs in a fixed order: the matrix, then the index lists, for which the matrix stands in where there is none. */
function operands(x: Tensor, { rows, columns }: Picks): { inputs: [Tensor, Tensor, Tensor]; attributes: Attributes } {
  for (const list of [rows, columns]) {
    if (list && list.dtype !== "u32") {
      throw new TypeError(`Cannot gather from ${describe(x)}: indices must be u32, found ${describe(list)}`);
    }
  }
  return {
    inputs: [x, rows ?? x, columns ?? x],
    attributes: { rows: rows !== undefined, columns: columns !== undefined },
  };
}

function lower(
  small: Tensor,
  large: Tensor,
  lists: readonly [Tensor, Tensor],
  attributes: Attributes,
  scatter: boolean,
  target: Target,
): Dispatch[] {
  const { rows: height, width: stride } = rowsOf(large);
  const { rows: total, width } = rowsOf(small);
  return rowRanges(total, attributes.rows ? [width] : [width, stride], target, small).flatMap(({ start, count }) => {
    const near = rowsIn(small, start, count, width);
    // Picked rows may lie anywhere in the larger matrix, others lie where the smaller one's do.
    const parts = attributes.rows ? rowRanges(height, [stride], target, large) : [{ start, count }];
    return parts.map((part): Dispatch => {
      const far = rowsIn(large, part.start, part.count, stride);
      const [x, out] = scatter ? [near, far] : [far, near];
      return {
        kernel,
        constants: { SIZE, SCATTER: scatter },
        bindings: [
          x,
          attributes.rows ? rowsIn(lists[0], start, count, 1) : x,
          attributes.columns ? whole(lists[1]) : x,
          out,
        ],
        uniforms: [
          ...[count, width, stride],
          ...[attributes.rows ? 1 : 0, attributes.columns ? 1 : 0],
          ...[attributes.rows ? part.start : 0, part.count],
        ],
        groups: grid(count * width, SIZE),
      };
    });
  });
}

function instruct(
  small: Tensor,
  large: Tensor,
  lists: readonly [Tensor, Tensor],
  attributes: Attributes,
  scatter: boolean,
): Instruction[] {
  const { rows: count, width } = rowsOf(small);
  const most = rowsPerUnit(width);
  const flags = [attributes.rows, attributes.columns, scatter].map((flag) => flag ? 1 : 0);
  return [{
    kernel: "gather",
    operands: [small, large, ...lists].map(whole),
    words: [count, width, rowsOf(large).width, ...flags, most],
    units: Math.ceil(count / most),
  }];
}

const gatherOp = defineOp<Attributes, [x: Tensor, rows: Tensor, columns: Tensor], [out: Tensor]>({
  name: "gather",
  infer([x, rows, columns], attributes) {
    checkIndices("gather from", x, [rows, columns], attributes);
    const all = rowsOf(x);
    return [{
      shape: [attributes.rows ? rows.size : all.rows, attributes.columns ? columns.size : all.width],
      dtype: x.dtype,
    }];
  },
  gradient: ({ inputs: [x, rows, columns], upstream: [dy], attributes }) => [(sum) => {
    const picks = { rows: attributes.rows ? rows : undefined, columns: attributes.columns ? columns : undefined };
    if (sum?.role === "gradient") return scatterRounds(sum, dy, picks);
    const empty = zeros(x.graph, x.shape);
    return accumulate(sum, scatterRounds(empty, dy, picks));
  }],
  cost: ({ outputs: [out] }) => ({ flops: 0, bytes: 2 * BYTES_PER_ELEMENT * out.size }),
  webgpu: ({ inputs: [x, rows, columns], outputs: [out], attributes }, target) =>
    lower(out, x, [rows, columns], attributes, false, target),
  cpu: ({ inputs: [x, rows, columns], outputs: [out], attributes }) =>
    instruct(out, x, [rows, columns], attributes, false),
});

const scatterAddOp = defineOp<Attributes, [x: Tensor, rows: Tensor, columns: Tensor, into: Tensor], []>({
  name: "scatterAdd",
  infer([x, rows, columns, into], attributes) {
    checkIndices("scatter into", into, [rows, columns], attributes);
    const all = rowsOf(into);
    const picked = (attributes.rows ? rows.size : all.rows) * (attributes.columns ? columns.size : all.width);
    if (x.size !== picked) {
      throw new RangeError(
        `Cannot scatter ${describe(x)} into ${describe(into)}: the indices name ${picked} values, found ${x.size}`,
      );
    }
    return [];
  },
  updates: () => [3],
  cost: ({ inputs: [x] }) => ({ flops: x.size, bytes: 3 * BYTES_PER_ELEMENT * x.size }),
  webgpu: ({ inputs: [x, rows, columns, into], attributes }, target) =>
    lower(x, into, [rows, columns], attributes, true, target),
  cpu: ({ inputs: [x, rows, columns, into], attributes }) => instruct(x, into, [rows, columns], attributes, true),
});

/** Adds a matrix to where it was picked from: what was picked several times is added one time after the other. */
function scatterRounds(into: Tensor, x: Tensor, { rows, columns }: Picks): Tensor {
  for (const row of roundsOf(rows)) {
    for (const column of roundsOf(columns)) {
      const isPart = row.places || column.places;
      const part = isPart ? gather(x, { rows: row.places, columns: column.places }) : x;
      scatterAdd(into, part, { rows: row.indices, columns: column.indices });
    }
  }
  return into;
}

/**
 * Picks rows and columns of a matrix: `[rows, columns]` to `[rows kept, columns kept]`.
 *
 * @param x A matrix; a vector is a matrix of one row.
 * @param picks Where a gradient is wanted, lists that are no constants must have each index once. Their indices must be
 *   less than the matrix has rows or columns; the boundary that takes them in checks that.
 * @throws {RangeError} If a constant list has an index past the end.
 */
export function gather(x: Tensor, picks: Picks): Tensor {
  const { inputs, attributes } = operands(x, picks);
  return x.graph.apply(gatherOp, inputs, attributes)[0];
}

/**
 * Adds a matrix to picked rows and columns of a larger one, in place: the adjoint of `gather`. Returns the larger one.
 *
 * @param picks Unique indices; a repeated one would lose an addition.
 * @throws {RangeError} If sizes do not fit, or a constant list has an index past the end.
 */
export function scatterAdd(into: Tensor, x: Tensor, picks: Picks): Tensor {
  const { inputs, attributes } = operands(x, picks);
  into.graph.apply(scatterAddOp, [...inputs, into], attributes);
  return into;
}
