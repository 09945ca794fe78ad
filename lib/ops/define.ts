/**
 * What the rooms of `lib/ops` import from `lib/graph`: the contract of an op, and what lowers an op to kernel launches.
 *
 * @module
 */

export type { Cost } from "../graph/cost.ts";
export type { Node } from "../graph/graph.ts";
export { ALIGNED_ELEMENTS, BYTES_PER_ELEMENT, describe, type Tensor } from "../graph/tensor.ts";
export {
  ALIGNED_ROWS,
  type Dispatch,
  float,
  grid,
  type Kernel,
  type Range,
  rowRanges,
  rows,
  type Scratch,
  type Target,
  type View,
  whole,
} from "./dispatch.ts";
export { type Instruction, rowsPerUnit, UNIT_VALUES, unitsOf } from "./instruction.ts";
export { defineOp } from "./kernels.ts";
export { oneOf } from "./one_of.ts";
export { rowsOf } from "./rows.ts";
