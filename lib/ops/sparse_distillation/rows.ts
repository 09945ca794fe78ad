/**
 * From the logits of a chunk of positions and the teacher's entries to losses and gradients.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  type Cost,
  type Dispatch,
  float,
  type Instruction,
  type Range,
  rowRanges,
  rows,
  rowsPerUnit,
  type Target,
  type Tensor,
  whole,
} from "../define.ts";
import type { LossNode } from "../distillation/losses.ts";
import { reduction, sumsOfExponentials } from "../reduction/mod.ts";
import source from "./rows.wgsl" with { type: "text" };

const rowsKernel = reduction("sparse_distillation", sumsOfExponentials + source);

/** Counts the work of the kernel that turns logits into losses and gradients. */
export function rowsWork(rows: number, vocabulary: number, gradient: boolean): Cost {
  const entries = rows * vocabulary;
  return { flops: (gradient ? 14 : 8) * entries, bytes: (gradient ? 3 : 2) * BYTES_PER_ELEMENT * entries };
}

/** The launches that turn a chunk's logits into losses and gradients. */
export function rowDispatches(node: LossNode, chunk: Range, target: Target): Dispatch[] {
  const { outputs: [, , , , , , , logits], attributes: { gradient, scale } } = node;
  const vocabulary = logits.shape[1]!;
  const { per, launch } = rowsKernel(vocabulary, target.tiled("crossEntropy"));
  return rowRanges(chunk.count, [vocabulary], target, logits).map((range) => ({
    ...launch(range.count),
    bindings: viewsOf(node, chunk, range),
    uniforms: [range.count, vocabulary / per, entriesOf(node), +gradient, float(scale)],
    work: rowsWork(range.count, vocabulary, gradient),
  }));
}

/** The same of a chunk on the CPU. */
export function rowInstruction(node: LossNode, chunk: Range): Instruction {
  const { outputs: [, , , , , , , logits], attributes: { gradient, scale } } = node;
  const vocabulary = logits.shape[1]!;
  const most = rowsPerUnit(vocabulary);
  return {
    kernel: "sparseDistillationRows",
    operands: viewsOf(node, chunk, { start: 0, count: chunk.count }),
    words: [chunk.count, vocabulary, entriesOf(node), +gradient, float(scale), most],
    units: Math.ceil(chunk.count / most),
    work: rowsWork(chunk.count, vocabulary, gradient),
  };
}

/** What the kernel sees of rows `start` to `start + count - 1` of a chunk. */
function viewsOf(node: LossNode, chunk: Range, { start, count }: Range) {
  const { inputs: [, , targets, ids, masses, coefficients], outputs } = node;
  const [, , , losses, entropies, divergences, , logits, kept] = outputs;
  const own = (tensor: Tensor, width = 1) => rows(tensor, chunk.start + start, count, width);
  const scratch = (tensor: Tensor) => rows(tensor, start, count, tensor.shape[1]!);
  return [
    ...[own(targets), whole(coefficients), scratch(logits)],
    ...[own(ids, entriesOf(node)), own(masses, entriesOf(node) + 1), scratch(kept)],
    ...[losses, entropies, divergences].map((each) => own(each)),
  ];
}

function entriesOf({ inputs: [, , targets, ids] }: LossNode): number {
  return ids.size / targets.size;
}
