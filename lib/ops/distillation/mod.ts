/**
 * Distillation at the output: student's and teacher's projections fused with the student's losses and their gradients.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, defineOp, describe, type Tensor } from "../define.ts";
import { chunkSize, type Projection } from "../projection/mod.ts";
import { type Divergence, divergenceWords } from "./divergence.ts";
import {
  lossDispatches,
  type LossInputs,
  lossInstructions,
  type LossNode,
  type LossOutputs,
  lossOutputs,
  lossRules,
} from "./losses.ts";
import { type Attributes, rowDispatches, rowInstruction, rowsWork } from "./rows.ts";

export { type Divergence, DIVERGENCES } from "./divergence.ts";

/** Hidden states after the final norm, and the matrix that maps them to logits. */
export interface OutputLayer {
  /** `[positions, width]`. */
  readonly hidden: Tensor;
  /** `[vocabulary, width]`. */
  readonly weight: Tensor;
}

/** What the loss compares, and how. */
export interface DistillationOptions {
  /** Is trained. */
  readonly student: OutputLayer;
  /** Gets no gradient; its width need not be the student's. */
  readonly teacher: OutputLayer;
  /** u32, `[positions]`; `IGNORED_TARGET` for positions without a loss. */
  readonly targets: Tensor;
  /** `[3]`: alpha and beta, which weigh cross-entropy and divergence, and the temperature, above 0. */
  readonly coefficients: Tensor;
  /** How the student's distribution is compared with the teacher's. @default {"forward_kl"} */
  readonly divergence?: Divergence;
  /** The teacher's weight in a symmetric KL or a Jensen-Shannon divergence; between 0 and 1. @default {0.5} */
  readonly weight?: number;
  /** What summed losses and gradients are multiplied with: 1 / positions for a mean. @default {1} */
  readonly scale?: number;
  /** The accumulator of the gradient of the student's matrix. Without it no gradients are computed. */
  readonly gradient?: Tensor | undefined;
  /** Positions whose logits exist at a time, a multiple of 64. @default as many as fit 16 MiB */
  readonly chunk?: number;
}

/** Scaled sums over all positions, each `[1]`. */
export interface DistillationLosses {
  /** alpha times the cross-entropy plus beta times the squared temperature times the divergence. */
  readonly loss: Tensor;
  /** Cross-entropy with the targets, in nats. */
  readonly crossEntropy: Tensor;
  /** Divergence at the temperature, in nats. */
  readonly divergence: Tensor;
}

const distillationOp = defineOp<Attributes, LossInputs, LossOutputs>({
  ...lossRules,
  name: "distillation",
  infer(inputs, attributes) {
    const [, weight] = inputs;
    return lossOutputs(inputs, attributes, { shape: [attributes.chunk, weight.shape[0]!] });
  },
  cost({ inputs: [hidden, weight, targets, , teacherWeight], attributes: { gradient } }) {
    const [vocabulary] = weight.shape as [number];
    const entries = targets.size * vocabulary;
    const own = rowsWork(targets.size, vocabulary, gradient);
    return {
      flops: 2 * entries * ((gradient ? 3 : 1) * hidden.shape.at(-1)! + teacherWeight.shape[1]!) + own.flops,
      bytes: BYTES_PER_ELEMENT * ((gradient ? 3 : 1) * weight.size + teacherWeight.size + 2 * entries) + own.bytes,
    };
  },
  webgpu: (node, target) => lossDispatches(node, target, [teacherOf(node)], rowDispatches),
  cpu: (node) => lossInstructions(node, [teacherOf(node)], rowInstruction),
});

function teacherOf({ inputs: [, , , hidden, weight], outputs: [, , , , , , , , logits] }: LossNode): Projection {
  return { hidden, weight, logits };
}

/**
 * Computes the scaled sum of `alpha` CE(student, targets) + `beta` T^2 D(p, q), where p and q are the softmax of
 * teacher's and student's logits over the temperature T (Hinton et al. 2015, arXiv 1503.02531, section 2).
 *
 * Logits of either exist for one chunk of positions at a time, and gradients with respect to the student's hidden
 * states and matrix are computed chunk by chunk with the loss. `loss` must be what is differentiated: its gradients
 * hold for an upstream gradient of 1.
 *
 * @throws {RangeError} If shapes or vocabularies do not fit, targets are no u32, `weight` is none, or `chunk` is no
 *   multiple of 64.
 */
export function distillation(
  { student, teacher, targets, coefficients, divergence = "forward_kl", weight = 0.5, scale = 1, gradient, chunk }:
    DistillationOptions,
): DistillationLosses {
  const { hidden } = student;
  const refuse = (rule: string, found: Tensor) => {
    throw new RangeError(`Cannot distil into ${describe(hidden)}: ${rule}, found ${describe(found)}`);
  };
  for (const [who, layer] of Object.entries({ student, teacher })) {
    const width = layer.weight.shape[1]!;
    if (layer.hidden.shape.at(-1) !== width || layer.hidden.size !== targets.size * width) {
      refuse(`the ${who}'s hidden states must be [${targets.size}, ${width}]`, layer.hidden);
    }
  }
  const vocabulary = student.weight.shape[0]!;
  if (teacher.weight.shape[0] !== vocabulary) {
    refuse(`the teacher's vocabulary must be the student's of ${vocabulary}`, teacher.weight);
  }
  if (coefficients.size !== 3) refuse("'coefficients' must be [3]", coefficients);
  const outputs = hidden.graph.apply(
    distillationOp,
    [
      ...[hidden, student.weight, targets, teacher.hidden, teacher.weight, coefficients] as const,
      ...(gradient ? [gradient] : []),
    ],
    {
      ...divergenceWords(divergence, weight),
      ...{ scale, chunk: chunkSize(targets.size, vocabulary, chunk), gradient: gradient !== undefined },
    },
  );
  return { loss: outputs[0], crossEntropy: outputs[1], divergence: outputs[2] };
}
