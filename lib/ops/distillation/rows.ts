/**
 * From the logits of a chunk of positions to losses and gradients.
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
import { reduction, sumsOfExponentials } from "../reduction/mod.ts";
import type { DivergenceWords } from "./divergence.ts";
import type { LossAttributes, LossNode } from "./losses.ts";
import source from "./rows.wgsl" with { type: "text" };

const rowsKernel = reduction("distillation", sumsOfExponentials + source);

/** How a node computes its losses. */
export type Attributes = LossAttributes & DivergenceWords;

/** Counts the work of the kernel that turns logits into losses and gradients. */
export function rowsWork(rows: number, vocabulary: number, gradient: boolean): Cost {
  const entries = rows * vocabulary;
  return { flops: (gradient ? 24 : 14) * entries, bytes: (gradient ? 3 : 2) * BYTES_PER_ELEMENT * entries };
}

/** The launches that turn a chunk's logits into losses and gradients. */
export function rowDispatches(node: LossNode<Attributes>, chunk: Range, target: Target): Dispatch[] {
  const { inputs: [, , targets, , , coefficients], outputs, attributes } = node;
  const [, , , losses, entropies, divergences, , logits, scores] = outputs;
  const { gradient, mixed, forward, reverse, scale } = attributes;
  const vocabulary = logits.shape[1]!;
  const { per, launch } = rowsKernel(vocabulary, target.tiled("crossEntropy"));
  return rowRanges(chunk.count, [vocabulary], target, logits).map(({ start, count }) => {
    const own = (tensor: Tensor) => rows(tensor, chunk.start + start, count, 1);
    return {
      ...launch(count),
      bindings: [
        ...[own(targets), whole(coefficients)],
        ...[logits, scores].map((each) => rows(each, start, count, vocabulary)),
        ...[losses, entropies, divergences].map(own),
      ],
      uniforms: [count, vocabulary / per, +gradient, +mixed, float(forward), float(reverse), float(scale)],
      work: rowsWork(count, vocabulary, gradient),
    };
  });
}

/** The same of a chunk on the CPU. */
export function rowInstruction(node: LossNode<Attributes>, { start, count }: Range): Instruction {
  const { inputs: [, , targets, , , coefficients], outputs, attributes } = node;
  const [, , , losses, entropies, divergences, , logits, scores] = outputs;
  const { gradient, mixed, forward, reverse, scale } = attributes;
  const vocabulary = logits.shape[1]!;
  const most = rowsPerUnit(vocabulary);
  const own = (tensor: Tensor) => rows(tensor, start, count, 1);
  return {
    kernel: "distillationRows",
    operands: [
      ...[own(targets), whole(coefficients)],
      ...[logits, scores].map((each) => rows(each, 0, count, vocabulary)),
      ...[losses, entropies, divergences].map(own),
    ],
    words: [count, vocabulary, +gradient, +mixed, float(forward), float(reverse), float(scale), most],
    units: Math.ceil(count / most),
    work: rowsWork(count, vocabulary, gradient),
  };
}
