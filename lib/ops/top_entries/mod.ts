/**
 * The most likely entries of distributions.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  type Dispatch,
  grid,
  type Node,
  type Range,
  rowRanges,
  rows,
  rowsOf,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import direct from "./direct.wgsl" with { type: "text" };
import gather from "./gather.wgsl" with { type: "text" };
import key from "./key.wgsl" with { type: "text" };
import sort from "./sort.wgsl" with { type: "text" };

/** The largest values of rows, in order: the largest first, of equal ones the one with the smaller id. */
export interface TopEntries {
  /** u32, `[rows, k]`: where in its row each of them is. */
  readonly ids: Tensor;
  /** `[rows, k + 1]`: the values, and last the sum of all others of the row. */
  readonly masses: Tensor;
}

interface Attributes {
  readonly k: number;
}

type Outputs = readonly [ids: Tensor, masses: Tensor, foundIds: Tensor, found: Tensor];
type TopNode = Node<Attributes, readonly [values: Tensor], Outputs>;

const directKernel = { name: "top_entries", source: direct };
const gatherKernel = { name: "top_entries.gather", source: key + gather };
const sortKernel = { name: "top_entries.sort", source: key + sort };

/** Invocations of a workgroup: where each has a row, where all share one and own a digit each, where each has an entry. */
const DIRECT_SIZE = 16, DIGITS = 256, SORT_SIZE = 64;

const topEntriesOp = defineOp<Attributes, [values: Tensor], [...Outputs]>({
  name: "topEntries",
  infer([values], { k }) {
    const { rows } = rowsOf(values);
    // Only a workgroup a row needs the last two, in which entries are not in order yet.
    const ids = { shape: [rows, k], dtype: "u32" } as const;
    return [ids, { shape: [rows, k + 1] }, ids, { shape: [rows, k] }];
  },
  cost: ({ inputs: [values], outputs: [ids] }) => ({
    flops: values.size,
    bytes: BYTES_PER_ELEMENT * (values.size + 2 * ids.size),
  }),
  webgpu(node, target) {
    const { inputs: [values], attributes: { k } } = node;
    const { rows: count, width } = rowsOf(values);
    const lower = target.tiled("topEntries") ? byWorkgroup : byInvocation;
    return rowRanges(count, [width, k + 1], target, values).flatMap((range) => lower(node, range, width));
  },
  cpu({ inputs: [values], outputs: [ids, masses], attributes: { k } }) {
    const { rows, width } = rowsOf(values);
    const most = rowsPerUnit(width);
    return [{
      kernel: "topEntries",
      operands: [values, ids, masses].map(whole),
      words: [rows, width, k, most],
      units: Math.ceil(rows / most),
    }];
  },
});

function byInvocation({ inputs: [values], outputs, attributes: { k } }: TopNode, range: Range, width: number) {
  const { start, count } = range;
  const [ids, masses] = outputs;
  return [{
    kernel: directKernel,
    constants: { SIZE: DIRECT_SIZE },
    bindings: [rows(values, start, count, width), rows(ids, start, count, k), rows(masses, start, count, k + 1)],
    uniforms: [count, width, k],
    groups: grid(count, DIRECT_SIZE),
  }];
}

function byWorkgroup(node: TopNode, { start, count }: Range, width: number): Dispatch[] {
  const { inputs: [values], outputs, attributes: { k } } = node;
  const [ids, masses, foundIds, found] = outputs;
  const entries = [foundIds, found, ids].map((tensor) => rows(tensor, start, count, k));
  const own = rows(masses, start, count, k + 1);
  return [{
    kernel: gatherKernel,
    constants: { SIZE: DIGITS },
    bindings: [rows(values, start, count, width), entries[0]!, entries[1]!, own],
    uniforms: [count, width, k],
    groups: grid(count, 1),
    work: { flops: count * width, bytes: BYTES_PER_ELEMENT * count * width },
  }, {
    kernel: sortKernel,
    constants: { SIZE: SORT_SIZE },
    bindings: [...entries, own],
    uniforms: [count * k, k],
    groups: grid(count * k, SORT_SIZE),
    work: { flops: count * k * k, bytes: 4 * BYTES_PER_ELEMENT * count * k },
  }];
}

/**
 * Finds the `k` largest values of each row of the last dimension, and sums the others. It has no gradient.
 *
 * @param values `[..., width]`, such as probabilities. Rows with a NaN have one among their masses.
 * @param k From 1 to `width`.
 * @throws {RangeError} If `k` is no whole number in these bounds.
 */
export function topEntries(values: Tensor, k: number): TopEntries {
  const { width } = rowsOf(values);
  if (!Number.isInteger(k) || k < 1 || k > width) {
    throw new RangeError(
      `Cannot find the top entries of ${describe(values)}: 'k' must be a whole number from 1 to ${width}, found ${k}`,
    );
  }
  const [ids, masses] = values.graph.apply(topEntriesOp, [values], { k });
  return { ids, masses };
}
