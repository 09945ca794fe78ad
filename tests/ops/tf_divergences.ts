/**
 * Divergences of rows of log-probabilities in TensorFlow.js, from their definitions.
 *
 * @module
 */
import type { Divergence } from "../../lib/ops/distillation/mod.ts";
import { tf } from "./harness.ts";

/** Divergences of the student's q from the teacher's p, a value a row. */
export const tfDivergences: Record<Divergence, (logP: tf.Tensor, logQ: tf.Tensor, weight: number) => tf.Tensor> = {
  forward_kl: kl,
  reverse_kl: (logP, logQ) => kl(logQ, logP),
  symmetric_kl: (logP, logQ, weight) => kl(logP, logQ).mul(weight).add(kl(logQ, logP).mul(1 - weight)),
  jensen_shannon(logP, logQ, weight) {
    const logM = logP.exp().mul(weight).add(logQ.exp().mul(1 - weight)).log();
    return kl(logP, logM).mul(weight).add(kl(logQ, logM).mul(1 - weight));
  },
};

function kl(logP: tf.Tensor, logQ: tf.Tensor): tf.Tensor {
  return tf.sum(logP.exp().mul(logP.sub(logQ)), -1);
}
