/**
 * What ops that distil have in common: they turn the student's logits, chunk by chunk, into losses and gradients.
 *
 * @module
 */

import type { Contribution, GradientContext } from "../../graph/op.ts";
import type { TensorSpec } from "../../graph/tensor.ts";
import {
  describe,
  type Dispatch,
  type Instruction,
  type Node,
  type Range,
  type Target,
  type Tensor,
} from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { matmulDispatches, matmulInstructions } from "../matmul/mod.ts";
import { checkLoss, chunksOf, gradientsOf, logitsOf, type Projection } from "../projection/mod.ts";
import { sumDispatches, sumInstructions, sumPartials } from "../sum/mod.ts";

/** How a node computes its losses. */
export interface LossAttributes {
  readonly scale: number;
  readonly chunk: number;
  readonly gradient: boolean;
}

/** What a node reads: of the teacher it is two tensors, whatever they are. */
export type LossInputs = [
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  teacher: Tensor,
  teacher: Tensor,
  coefficients: Tensor,
  ...dweight: Tensor[],
];
/** What a node makes; the scratch memory is the op's own. */
export type LossOutputs = [
  loss: Tensor,
  crossEntropy: Tensor,
  divergence: Tensor,
  losses: Tensor,
  entropies: Tensor,
  divergences: Tensor,
  partials: Tensor,
  logits: Tensor,
  scratch: Tensor,
  ...dhidden: Tensor[],
];

/** A node that distils. */
export type LossNode<A extends LossAttributes = LossAttributes> = Node<A, LossInputs, LossOutputs>;

/** The part of such an op that does not depend on what is known of the teacher. */
export const lossRules = {
  updates: (_: LossInputs, { gradient }: LossAttributes): number[] => gradient ? [6] : [],
  gradient: gradientOfLoss,
};

type SpecsOf<O> = { readonly [K in keyof O]: TensorSpec };

/**
 * Returns the shapes of a node's outputs.
 *
 * @throws {RangeError} If targets are no u32, or the accumulator is not shaped as the weight is.
 */
export function lossOutputs(
  [hidden, weight, targets, , , , dweight]: LossInputs,
  { chunk, gradient }: LossAttributes,
  scratch: TensorSpec,
): SpecsOf<LossOutputs> {
  checkLoss({ hidden, weight, targets, gradient: dweight });
  const scalar = { shape: [1] };
  const positions = { shape: [targets.size] };
  const partials = { shape: [sumPartials(targets)] };
  const logits = { shape: [chunk, weight.shape[0]!] };
  const dhidden = gradient ? [{ shape: hidden.shape }] : [];
  return [scalar, scalar, scalar, positions, positions, positions, partials, logits, scratch, ...dhidden];
}

/**
 * Returns a node's launches.
 *
 * @param others Projections whose logits the rows need too.
 * @param rows The launches that turn a chunk's logits into losses and gradients.
 */
export function lossDispatches<A extends LossAttributes>(
  node: LossNode<A>,
  target: Target,
  others: readonly Projection[],
  rows: (node: LossNode<A>, chunk: Range, target: Target) => Dispatch[],
): Dispatch[] {
  const { student, gradients, chunks, sums } = partsOf(node);
  const dispatches = chunks.flatMap((chunk) => [
    ...[student, ...others].flatMap((layer) => matmulDispatches(logitsOf(layer, chunk), target)),
    ...rows(node, chunk, target),
    ...(gradients ? gradientsOf(student, gradients, chunk) : []).flatMap((each) => matmulDispatches(each, target)),
  ]);
  return [...dispatches, ...sums.flatMap(([values, parts]) => sumDispatches(values, parts, target))];
}

/** The same on the CPU. */
export function lossInstructions<A extends LossAttributes>(
  node: LossNode<A>,
  others: readonly Projection[],
  rows: (node: LossNode<A>, chunk: Range) => Instruction,
): Instruction[] {
  const { student, gradients, chunks, sums } = partsOf(node);
  const instructions = chunks.flatMap((chunk) => [
    ...[student, ...others].flatMap((layer) => matmulInstructions(logitsOf(layer, chunk))),
    rows(node, chunk),
    ...(gradients ? gradientsOf(student, gradients, chunk) : []).flatMap(matmulInstructions),
  ]);
  return [...instructions, ...sums.flatMap(([values, parts]) => sumInstructions(values, parts))];
}

function partsOf({ inputs, outputs, attributes: { scale, chunk } }: LossNode) {
  const [hidden, weight, targets, , , , dweight] = inputs;
  const [loss, crossEntropy, divergence, losses, entropies, divergences, partials, logits, , dhidden] = outputs;
  const sum = (values: Tensor, out: Tensor) => [values, { partials, out, scale }] as const;
  return {
    student: { hidden, weight, logits },
    gradients: dhidden && dweight ? { dhidden, dweight } : undefined,
    chunks: chunksOf(targets.size, chunk),
    sums: [sum(losses, loss), sum(entropies, crossEntropy), sum(divergences, divergence)],
  };
}

/** Gradients are computed with the loss: they hold for `loss` itself, and only where they were asked for. */
function gradientOfLoss(
  { inputs, outputs, upstream, attributes }: GradientContext<LossAttributes, LossInputs, LossOutputs>,
): (Contribution | undefined)[] {
  const [hidden, , , , , , accumulator] = inputs;
  const dhidden = outputs[9];
  const [seed, ofEntropy, ofDivergence] = upstream;
  if (!attributes.gradient || ofEntropy || ofDivergence || hidden.graph.constants.get(seed!)?.[0] !== 1) {
    throw new RangeError(
      `Cannot differentiate the distillation of ${describe(hidden)}: its gradient is computed with 'loss', for an ` +
        "upstream of 1; pass 'gradient', differentiate 'loss' itself and weigh it with 'scale' and 'coefficients'",
    );
  }
  const refused = () => {
    throw new RangeError(
      `Cannot differentiate the distillation of ${describe(hidden)}: 'gradient' and 'into' must name one ` +
        "accumulator, and the teacher has no gradient",
    );
  };
  return [
    (total) => accumulate(total, dhidden!),
    (total) => total === accumulator ? accumulator! : refused(),
    ...[undefined, refused, refused, refused],
  ];
}
