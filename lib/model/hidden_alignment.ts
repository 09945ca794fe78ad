/**
 * How a student's hidden states are compared with its teacher's: the residual streams after pairs of blocks, before any
 * final norm.
 *
 * @module
 */

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gather } from "../ops/gather/mod.ts";
import { type HiddenLoss, hiddenLoss, type HiddenLosses } from "../ops/hidden_loss/mod.ts";
import { linear } from "../ops/matmul/mod.ts";
import type { GPTNeoXConfig } from "./config.ts";
import type { Tap } from "./gpt_neox.ts";
import { declareParameters, pack, type Pages } from "./pages.ts";

/** A student's block and the teacher's whose output it imitates, both counted from 0. */
export type LayerPair = readonly [student: number, teacher: number];

/** What of two streams is compared, and how. */
export interface HiddenAlignment {
  /** The blocks whose outputs are compared, at least one pair; each block of the student in one pair at most. */
  readonly layers: readonly LayerPair[];
  /**
   * The teacher's coordinates that the student's are, in their order. Without them the student's stream first goes
   * through a linear projection into the teacher's, one for all layers, which is trained with the student (as in
   * TinyBERT, Jiao et al. 2020, arXiv 1909.10351, section 3.1) and no part of its model.
   */
  readonly width?: readonly number[] | undefined;
  /** How far states are from each other. @default {"relative_mse"} */
  readonly form?: HiddenLoss | undefined;
}

/** Name under which a program finds the store of the projection, and of the projection's matrix. */
export const PROJECTION = "projection";

type Width = Pick<GPTNeoXConfig, "width">;

/** Lays out the projection `[teacher's width, student's width]`, where there is one. */
export function projectionPages({ width }: HiddenAlignment, student: Width, teacher: Width): Pages | undefined {
  if (width) return undefined;
  return pack([{ name: PROJECTION, shape: [teacher.width, student.width], decay: true, initial: "small" }]);
}

/** Counts the FLOPs a token of training the projection: three products a layer. */
export function projectionFlopsPerToken(
  { layers, width }: HiddenAlignment,
  student: Width,
  teacher: Width,
): number {
  return width ? 0 : 6 * layers.length * student.width * teacher.width;
}

/** Two streams on their way into a loss. */
export interface HiddenComparison {
  /** Told of the activations of either model. */
  readonly taps: { readonly student: Tap; readonly teacher: Tap };
  /** Declares the projection's accumulator of gradients: an entry, or none where there is no projection. */
  gradients(): ReadonlyMap<Tensor, Tensor>;
  /** Records the loss once both models are recorded; its weight is the `[1]` input `gamma`. */
  losses(scale: number): HiddenLosses;
}

/** Prepares to compare what a graph records of two models. */
export function compareHidden(
  graph: Graph,
  alignment: HiddenAlignment,
  student: Width,
  teacher: Width,
): HiddenComparison {
  const { layers, width, form = "relative_mse" } = alignment;
  const pages = projectionPages(alignment, student, teacher);
  const declare = (kind: "parameters" | "gradients") =>
    pages && declareParameters(graph, pages, kind, `${PROJECTION}.`).get(PROJECTION)!;
  const projection = declare("parameters");
  const columns = width && width.length < teacher.width
    ? graph.constant("kept coordinates", [width.length], Uint32Array.from(width))
    : undefined;
  const own = outputsOf(layers.map(([layer]) => layer), (x) => projection ? linear(x, projection) : x);
  const theirs = outputsOf(layers.map(([, layer]) => layer), (x) => columns ? gather(x, { columns }) : x);
  return {
    taps: { student: own.tap, teacher: theirs.tap },
    gradients: () => new Map(projection ? [[projection, declare("gradients")!]] : []),
    losses: (scale) => {
      const pairs = layers.map(([mine, other]) => ({ student: own.of(mine), target: theirs.of(other) }));
      return hiddenLoss({ pairs, weight: graph.input("gamma", [1]), form, scale });
    },
  };
}

/** Keeps what is made of the outputs of some blocks, at once, so that what is not kept of them can be freed. */
function outputsOf(layers: readonly number[], make: (output: Tensor) => Tensor) {
  const wanted = new Set(layers.map((layer) => `blocks.${layer}.output`));
  const found = new Map<string, Tensor>();
  const tap: Tap = (name, activation) => void (wanted.has(name) && found.set(name, make(activation)));
  return { tap, of: (layer: number) => found.get(`blocks.${layer}.output`)! };
}
