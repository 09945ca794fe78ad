/**
 * Distillation between layers: how far a student's hidden states are from those of its teacher.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  float,
  type Instruction,
  type Node,
  oneOf,
  rowRanges,
  rows,
  rowsOf,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import { reduction } from "../reduction/mod.ts";
import { sumDispatches, sumInstructions, sumPartials } from "../sum/mod.ts";
import { HIDDEN_LOSSES, type HiddenLoss } from "./form.ts";
import { hiddenLossGradient, type HiddenPair } from "./gradient.ts";
import source from "./rows.wgsl" with { type: "text" };

export { HIDDEN_LOSSES, type HiddenLoss } from "./form.ts";
export type { HiddenPair } from "./gradient.ts";

const lossKernel = reduction("hidden_loss", source);

/** Added to mean squares that divide, far below those of any stream, so that rows of zeros have a loss and a slope. */
const EPSILON = 1e-8;

/** What is compared, and how. */
export interface HiddenLossOptions {
  /** A pair for each layer that is compared, at least one; all of as many positions. */
  readonly pairs: readonly HiddenPair[];
  /** `[1]`: gamma, which weighs the loss. */
  readonly weight: Tensor;
  /** How states are compared. @default {"relative_mse"} */
  readonly form?: HiddenLoss;
  /** What sums over positions are multiplied with: 1 / positions for a mean. @default {1} */
  readonly scale?: number;
}

/** Scaled sums over all positions of the mean over layers, each `[1]`. */
export interface HiddenLosses {
  /** The weight times the other. */
  readonly loss: Tensor;
  /** The loss by itself. */
  readonly unweighted: Tensor;
}

interface Attributes {
  readonly form: HiddenLoss;
  readonly scale: number;
}

/** Weight, then student and target of each pair. */
type Inputs = [weight: Tensor, ...pairs: Tensor[]];
type Outputs = [
  loss: Tensor,
  unweighted: Tensor,
  losses: Tensor,
  weighed: Tensor,
  partials: Tensor,
  ...slopes: Tensor[],
];

const hiddenLossOp = defineOp<Attributes, Inputs, Outputs>({
  name: "hiddenLoss",
  infer([, ...given]) {
    const positions = rowsOf(given[0]!).rows;
    const scalar = { shape: [1] }, values = { shape: [positions] };
    const slopes = pairsOf(given).map(() => ({ shape: [positions, 2] }));
    return [scalar, scalar, values, values, { shape: [sumPartials({ size: positions })] }, ...slopes];
  },
  gradient({ inputs: [, ...given], outputs: [, , , , , ...slopes], upstream: [seed, alone], attributes: { form } }) {
    const refused = (what: string) => () => {
      throw new RangeError(`Cannot differentiate the hidden loss of ${describe(given[0]!)}: ${what}`);
    };
    if (!seed || alone) refused("its gradient is that of 'loss'; weigh that with 'weight'")();
    return [
      refused("its weight has no gradient"),
      ...pairsOf(given).flatMap((pair, layer) => [
        (sum: Tensor | undefined) => hiddenLossGradient(pair, slopes[layer]!, seed!, form === "cosine", sum),
        refused("the teacher has no gradient"),
      ]),
    ];
  },
  cost({ inputs: [, ...given] }) {
    const size = given.reduce((sum, tensor) => sum + tensor.size, 0);
    return { flops: 4 * size, bytes: BYTES_PER_ELEMENT * size };
  },
  webgpu(node, target) {
    const { weight, layers, losses, weighed, sums } = partsOf(node);
    const dispatches = layers.flatMap(({ student, wanted, slopes, words }) => {
      const { rows: count, width } = rowsOf(student);
      const { per, launch } = lossKernel(width, target.tiled("layerNorm"));
      return rowRanges(count, [width], target, student).map((range) => {
        const part = (tensor: Tensor, length: number) => rows(tensor, range.start, range.count, length);
        return {
          ...launch(range.count),
          bindings: [
            ...[part(student, width), part(wanted, width), whole(weight)],
            ...[part(losses, 1), part(weighed, 1), part(slopes, 2)],
          ],
          uniforms: [range.count, width / per, ...words],
        };
      });
    });
    return [...dispatches, ...sums.flatMap(([values, parts]) => sumDispatches(values, parts, target))];
  },
  cpu(node) {
    const { weight, layers, losses, weighed, sums } = partsOf(node);
    const instructions = layers.map(({ student, wanted, slopes, words }): Instruction => {
      const { rows: count, width } = rowsOf(student);
      const most = rowsPerUnit(width);
      return {
        kernel: "hiddenLossRows",
        operands: [student, wanted, weight, losses, weighed, slopes].map(whole),
        words: [count, width, ...words, most],
        units: Math.ceil(count / most),
      };
    });
    return [...instructions, ...sums.flatMap(([values, parts]) => sumInstructions(values, parts))];
  },
});

/** Names a node's operands, and the words that follow the shape of each layer's. */
function partsOf(
  { inputs: [weight, ...given], outputs, attributes: { form, scale } }: Node<Attributes, Inputs, Outputs>,
) {
  const [loss, unweighted, losses, weighed, partials, ...slopes] = outputs;
  const pairs = pairsOf(given);
  const share = scale / pairs.length;
  const sum = (values: Tensor, out: Tensor) => [values, { partials, out, scale: share }] as const;
  return {
    ...{ weight, losses, weighed },
    layers: pairs.map(({ student, target: wanted }, layer) => ({
      ...{ student, wanted, slopes: slopes[layer]! },
      words: [HIDDEN_LOSSES.indexOf(form), +(layer === 0), float(share), float(EPSILON)],
    })),
    sums: [sum(weighed, loss), sum(losses, unweighted)],
  };
}

function pairsOf(given: readonly Tensor[]): HiddenPair[] {
  return Array.from({ length: given.length / 2 }, (_, i) => ({ student: given[2 * i]!, target: given[2 * i + 1]! }));
}

/**
 * Compares the hidden states of a student with those of its teacher, layer by layer, and returns the scaled sum over
 * positions of the mean over layers.
 *
 * @throws {RangeError} If there is no pair or no such form, or two that are compared differ in shape.
 */
export function hiddenLoss({ pairs, weight, form = "relative_mse", scale = 1 }: HiddenLossOptions): HiddenLosses {
  const positions = pairs[0] && rowsOf(pairs[0].student).rows;
  if (positions === undefined) throw new RangeError("Cannot compare hidden states: 'pairs' must have one, found none");
  for (const { student, target } of pairs) {
    const [own, theirs] = [student, target].map(rowsOf);
    if (own!.rows === positions && theirs!.rows === positions && own!.width === theirs!.width) continue;
    throw new RangeError(
      `Cannot compare ${describe(student)} with ${describe(target)}: both must be [${positions}, width] of one width`,
    );
  }
  oneOf(form, HIDDEN_LOSSES, `Cannot compare ${describe(pairs[0]!.student)}: 'form'`);
  const given = pairs.flatMap(({ student, target }) => [student, target]);
  const [loss, unweighted] = weight.graph.apply(hiddenLossOp, [weight, ...given], { form, scale });
  return { loss, unweighted };
}
