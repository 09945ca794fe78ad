/**
 * Distillation from a few of a teacher's probabilities a position: the student's output projection fused with its losses
 * and their gradients.
 *
 * @module
 */

import { BYTES_PER_ELEMENT, defineOp, describe, type Tensor } from "../define.ts";
import {
  type LossAttributes,
  lossDispatches,
  type LossInputs,
  lossInstructions,
  type LossOutputs,
  lossOutputs,
  lossRules,
} from "../distillation/losses.ts";
import type { DistillationLosses, DistillationOptions } from "../distillation/mod.ts";
import { chunkSize } from "../projection/mod.ts";
import { rowDispatches, rowInstruction, rowsWork } from "./rows.ts";

/** A few tokens of each position and what a teacher thinks of them, at the temperature of the loss. */
export interface SparseTeacher {
  /** u32, `[positions, entries]`: tokens of the student's vocabulary. Those of one position that have mass must differ. */
  readonly ids: Tensor;
  /**
   * `[positions, entries + 1]`: the probability of each of them, 0 where there is no entry, and that of all other tokens
   * together, the rest. Without a rest (0) nothing is asked of the other tokens but what is left by the entries.
   */
  readonly masses: Tensor;
}

/** What the loss compares, and how. */
export interface SparseDistillationOptions extends Omit<DistillationOptions, "teacher" | "divergence" | "weight"> {
  /** Gets no gradient. */
  readonly teacher: SparseTeacher;
}

const sparseDistillationOp = defineOp<LossAttributes, LossInputs, LossOutputs>({
  ...lossRules,
  name: "sparseDistillation",
  infer(inputs, attributes) {
    const [hidden, , targets, ids] = inputs;
    if (ids.dtype !== "u32") {
      throw new RangeError(
        `Cannot distil into ${describe(hidden)}: 'ids' must be u32, found ${describe(ids)} of ${ids.dtype}`,
      );
    }
    return lossOutputs(inputs, attributes, { shape: [attributes.chunk, ids.size / targets.size] });
  },
  cost({ inputs: [hidden, weight, targets], attributes: { gradient } }) {
    const [vocabulary] = weight.shape as [number];
    const logits = targets.size * vocabulary;
    const own = rowsWork(targets.size, vocabulary, gradient);
    const products = gradient ? 3 : 1;
    return {
      flops: 2 * products * logits * hidden.shape.at(-1)! + own.flops,
      bytes: BYTES_PER_ELEMENT * (products * weight.size + logits) + own.bytes,
    };
  },
  webgpu: (node, target) => lossDispatches(node, target, [], rowDispatches),
  cpu: (node) => lossInstructions(node, [], rowInstruction),
});

/**
 * Computes the scaled sum of `alpha` CE(student, targets) + `beta` T^2 D(p, q), where q is the softmax of the student's
 * logits over the temperature T, and p what is known of the teacher's.
 *
 * D is the forward KL divergence over the entries K and one more bucket for the rest r of the teacher's mass, the sum over
 * K of p log(p/q) plus r log(r / (1 - Q)) with Q the sum of q over K. It never is above the divergence of the whole
 * distributions, and equals it where the entries are all tokens. For tokens sampled from the teacher, each with its share
 * of the draws and without a rest, the gradient's expectation is that of the whole distributions (Anshumann et al. 2025,
 * arXiv 2503.16870).
 *
 * Logits exist for one chunk of positions at a time, and the gradients with respect to the student's hidden states and
 * matrix are computed chunk by chunk with the loss. `loss` must be what is differentiated: its gradients hold for an
 * upstream gradient of 1.
 *
 * @throws {RangeError} If shapes do not fit, targets or ids are no u32, or `chunk` is no multiple of 64.
 */
export function sparseDistillation(
  { student: { hidden, weight }, teacher: { ids, masses }, targets, coefficients, scale = 1, gradient, chunk }:
    SparseDistillationOptions,
): DistillationLosses {
  const refuse = (rule: string, found: Tensor) => {
    throw new RangeError(`Cannot distil into ${describe(hidden)}: ${rule}, found ${describe(found)}`);
  };
  const [vocabulary, width] = weight.shape as [number, number];
  if (hidden.shape.at(-1) !== width || hidden.size !== targets.size * width) {
    refuse(`the student's hidden states must be [${targets.size}, ${width}]`, hidden);
  }
  const entries = ids.size / targets.size;
  if (!Number.isInteger(entries) || entries > vocabulary) {
    refuse(`'ids' must be [${targets.size}, entries] with at most ${vocabulary} entries`, ids);
  }
  if (masses.size !== targets.size * (entries + 1)) {
    refuse(`'masses' must be [${targets.size}, ${entries + 1}], a rest after the entries`, masses);
  }
  if (coefficients.size !== 3) refuse("'coefficients' must be [3]", coefficients);
  const outputs = hidden.graph.apply(
    sparseDistillationOp,
    [hidden, weight, targets, ids, masses, coefficients, ...(gradient ? [gradient] : [])],
    { scale, chunk: chunkSize(targets.size, vocabulary, chunk), gradient: gradient !== undefined },
  );
  return { loss: outputs[0], crossEntropy: outputs[1], divergence: outputs[2] };
}
