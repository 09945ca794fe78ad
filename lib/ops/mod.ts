/**
 * The ops that graphs are made of.
 *
 * @module
 */

export { adamw, type AdamWOptions, type AdamWTensors } from "./adamw/mod.ts";
export { accumulate, add, axpy } from "./add/mod.ts";
export { expandGroups, type GroupLayout } from "./attention/groups.ts";
export { attention, type AttentionLayout, type AttentionOptions } from "./attention/mod.ts";
export { clip } from "./clip/mod.ts";
export { columnSum, type ColumnSumOptions } from "./column_sum/mod.ts";
export { type CrossEntropyOptions, IGNORED_TARGET, linearCrossEntropy } from "./cross_entropy/mod.ts";
export {
  distillation,
  type DistillationLosses,
  type DistillationOptions,
  type Divergence,
  DIVERGENCES,
  type OutputLayer,
} from "./distillation/mod.ts";
export { dropout, type DropoutOptions } from "./dropout/mod.ts";
export { embedding, type TokenBuckets } from "./embedding/mod.ts";
export { gather, type Picks, scatterAdd } from "./gather/mod.ts";
export { type Activation, gelu } from "./gelu/mod.ts";
export {
  HIDDEN_LOSSES,
  type HiddenLoss,
  hiddenLoss,
  type HiddenLosses,
  type HiddenLossOptions,
  type HiddenPair,
} from "./hidden_loss/mod.ts";
export { layerNorm } from "./layer_norm/mod.ts";
export { type Form, linear, type LinearOptions, matmul, type MatmulOptions } from "./matmul/mod.ts";
export { rotary, type RotaryOptions } from "./rotary/mod.ts";
export { softmax } from "./softmax/mod.ts";
export { sparseDistillation, type SparseDistillationOptions, type SparseTeacher } from "./sparse_distillation/mod.ts";
export { sum, sumOfSquares, type SumOptions } from "./sum/mod.ts";
export { type TopEntries, topEntries } from "./top_entries/mod.ts";
export { zeros } from "./zeros/mod.ts";
