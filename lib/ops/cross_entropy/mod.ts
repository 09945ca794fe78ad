/**
 * The output projection fused with its softmax cross-entropy, and with their gradients.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  type Cost,
  defineOp,
  describe,
  type Dispatch,
  float,
  type Instruction,
  type Node,
  type Range,
  rowRanges,
  rows,
  rowsPerUnit,
  type Target,
  type Tensor,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { matmulDispatches, matmulInstructions } from "../matmul/mod.ts";
import { checkLoss, chunkSize, chunksOf, gradientsOf, logitsOf } from "../projection/mod.ts";
import { reduction, sumsOfExponentials } from "../reduction/mod.ts";
import { sumDispatches, sumInstructions, sumPartials } from "../sum/mod.ts";
import source from "./rows.wgsl" with { type: "text" };

const lossKernel = reduction("cross_entropy", sumsOfExponentials + source);

/** Target of a position that has no loss: padding. */
export const IGNORED_TARGET = 0xffffffff;

/** How to compute the loss, and whether to compute its gradients in the same pass. */
export interface CrossEntropyOptions {
  /** What the summed loss and its gradients are multiplied with: 1 / positions for a mean. @default {1} */
  readonly scale?: number;
  /** The accumulator of the weight's gradient. Without it no gradients are computed: for evaluation. */
  readonly gradient?: Tensor | undefined;
  /** Positions whose logits exist at a time, a multiple of 64. @default as many as fit 16 MiB */
  readonly chunk?: number;
}

interface Attributes {
  readonly scale: number;
  readonly chunk: number;
  readonly gradient: boolean;
}

type Inputs = [hidden: Tensor, weight: Tensor, targets: Tensor, ...dweight: Tensor[]];
type Outputs = [loss: Tensor, losses: Tensor, partials: Tensor, logits: Tensor, ...dhidden: Tensor[]];

const linearCrossEntropyOp = defineOp<Attributes, Inputs, Outputs>({
  name: "linearCrossEntropy",
  infer([hidden, weight, targets, dweight], { chunk, gradient }) {
    const [vocabulary, width] = weight.shape;
    if (hidden.shape.at(-1) !== width || targets.size * width! !== hidden.size) {
      throw new RangeError(
        `Cannot compute the loss of ${describe(hidden)}: it must be [${targets.size}, ${width}] to fit ` +
          `${describe(weight)} and ${describe(targets)}`,
      );
    }
    checkLoss({ hidden, weight, targets, gradient: dweight });
    const loss = { shape: [1] };
    const losses = { shape: [targets.size] };
    const partials = { shape: [sumPartials(targets)] };
    const logits = { shape: [chunk, vocabulary!] };
    return [loss, losses, partials, logits, ...(gradient ? [{ shape: hidden.shape }] : [])];
  },
  updates: (_, { gradient }) => gradient ? [3] : [],
  gradient({ inputs: [hidden, , , accumulator], outputs: [, , , , dhidden], upstream: [seed], attributes }) {
    if (!attributes.gradient || hidden.graph.constants.get(seed!)?.[0] !== 1) {
      throw new RangeError(
        `Cannot differentiate the loss of ${describe(hidden)}: its gradient is computed with it, for an upstream ` +
          "of 1; pass 'gradient', differentiate the loss itself and weigh it with 'scale'",
      );
    }
    return [(total) => accumulate(total, dhidden!), (total) => {
      if (total !== accumulator) {
        throw new RangeError(
          `Cannot differentiate the loss of ${describe(hidden)}: 'gradient' and 'into' must name one accumulator`,
        );
      }
      return accumulator!;
    }];
  },
  cost({ inputs: [hidden, weight], attributes }) {
    const [vocabulary, width] = weight.shape as [number, number];
    const positions = hidden.size / width;
    const products = (attributes.gradient ? 6 : 2) * positions * vocabulary * width;
    return {
      flops: products + 8 * positions * vocabulary,
      bytes: BYTES_PER_ELEMENT * ((attributes.gradient ? 3 : 1) * weight.size + 4 * positions * vocabulary),
    };
  },
  webgpu(node, target) {
    const { inputs: [hidden, weight, targets, dweight], outputs, attributes } = node;
    const [loss, losses, partials, logits, dhidden] = outputs;
    const projection = { hidden, weight, logits };
    const dispatches = chunksOf(targets.size, attributes.chunk).flatMap((chunk) => [
      ...matmulDispatches(logitsOf(projection, chunk), target),
      ...lossRows(node, chunk, target),
      ...(dhidden && dweight ? gradientsOf(projection, { dhidden, dweight }, chunk) : [])
        .flatMap((product) => matmulDispatches(product, target)),
    ]);
    return [...dispatches, ...sumDispatches(losses, { partials, out: loss, scale: attributes.scale }, target)];
  },
  cpu(node) {
    const { inputs: [hidden, weight, targets, dweight], outputs, attributes } = node;
    const [loss, losses, partials, logits, dhidden] = outputs;
    const projection = { hidden, weight, logits };
    const vocabulary = weight.shape[0]!;
    const most = rowsPerUnit(vocabulary);
    const instructions = chunksOf(targets.size, attributes.chunk).flatMap((chunk): Instruction[] => [
      ...matmulInstructions(logitsOf(projection, chunk)),
      {
        kernel: "crossEntropyRows",
        operands: [
          rows(targets, chunk.start, chunk.count, 1),
          rows(logits, 0, chunk.count, vocabulary),
          rows(losses, chunk.start, chunk.count, 1),
        ],
        words: [chunk.count, vocabulary, attributes.gradient ? 1 : 0, float(attributes.scale), most],
        units: Math.ceil(chunk.count / most),
        work: rowsWork(chunk.count, vocabulary),
      },
      ...(dhidden && dweight ? gradientsOf(projection, { dhidden, dweight }, chunk) : []).flatMap(matmulInstructions),
    ]);
    return [...instructions, ...sumInstructions(losses, { partials, out: loss, scale: attributes.scale })];
  },
});

function rowsWork(rows: number, vocabulary: number): Cost {
  return { flops: 8 * rows * vocabulary, bytes: 2 * BYTES_PER_ELEMENT * rows * vocabulary };
}

/** The launches that turn a chunk's logits, one row for each position of `chunk`, into losses and gradients. */
function lossRows(node: Node<Attributes, Inputs, Outputs>, chunk: Range, target: Target): Dispatch[] {
  const { inputs: [, , targets], outputs: [, losses, , logits], attributes } = node;
  const vocabulary = logits.shape[1]!;
  const { per, launch } = lossKernel(vocabulary, target.tiled("crossEntropy"));
  return rowRanges(chunk.count, [vocabulary], target, logits).map(({ start, count }) => ({
    ...launch(count),
    bindings: [
      rows(targets, chunk.start + start, count, 1),
      rows(logits, start, count, vocabulary),
      rows(losses, chunk.start + start, count, 1),
    ],
    uniforms: [count, vocabulary / per, attributes.gradient ? 1 : 0, float(attributes.scale)],
    work: rowsWork(count, vocabulary),
  }));
}

/**
 * Computes the scaled sum of softmax cross-entropies of `hidden weight^T` against targets, in nats.
 *
 * Logits exist for one chunk of positions at a time, and the gradients with respect to hidden states and weight are
 * computed chunk by chunk with the loss, as in Liger Kernel (Hsu et al. 2024, arXiv 2410.10989). The result must be the
 * loss that is differentiated: its gradients hold for an upstream gradient of 1.
 *
 * @param hidden `[positions, width]`.
 * @param weight `[vocabulary, width]`.
 * @param targets u32, `[positions]`; `IGNORED_TARGET` for positions without a loss.
 * @returns `[1]`.
 * @throws {RangeError} If the shapes do not fit, the targets are no u32, or `chunk` is no multiple of 64.
 */
export function linearCrossEntropy(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  { scale = 1, gradient, chunk }: CrossEntropyOptions = {},
): Tensor {
  const attributes = {
    scale,
    chunk: chunkSize(targets.size, weight.shape[0]!, chunk),
    gradient: gradient !== undefined,
  };
  const inputs: Inputs = gradient ? [hidden, weight, targets, gradient] : [hidden, weight, targets];
  return hidden.graph.apply(linearCrossEntropyOp, inputs, attributes)[0];
}
