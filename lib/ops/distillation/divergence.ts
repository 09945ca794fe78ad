/**
 * Divergences of a student's distribution from its teacher's.
 *
 * @module
 */

import { oneOf } from "../define.ts";

/** How far the student's distribution q is from the teacher's p. */
export type Divergence =
  /** KL(p‖q), of Hinton et al. 2015 (arXiv 1503.02531): the student covers all that the teacher thinks possible. */
  | "forward_kl"
  /** KL(q‖p), as in MiniLLM (Gu et al. 2024, arXiv 2306.08543): the student keeps to what the teacher thinks likely. */
  | "reverse_kl"
  /** `weight` KL(p‖q) + (1 - `weight`) KL(q‖p). */
  | "symmetric_kl"
  /**
   * `weight` KL(p‖m) + (1 - `weight`) KL(q‖m) with m = `weight` p + (1 - `weight`) q: the generalised Jensen-Shannon
   * divergence of GKD (Agarwal et al. 2024, arXiv 2306.13649, equation 1).
   */
  | "jensen_shannon";

/** The divergences there are. */
export const DIVERGENCES = ["forward_kl", "reverse_kl", "symmetric_kl", "jensen_shannon"] as const;

/** What kernels know of a divergence. */
export interface DivergenceWords {
  /** Whether both distributions are compared with their mixture, and not with each other. */
  readonly mixed: boolean;
  /** Factor of the divergence from the teacher's distribution, and the teacher's share of a mixture. */
  readonly forward: number;
  /** Factor of the divergence from the student's. */
  readonly reverse: number;
}

/**
 * Says what kernels compute.
 *
 * @param weight Between 0 and 1, without both: 0 and 1 have a divergence of their own. Others do not read it.
 * @throws {RangeError} If there is no such divergence, or it needs a weight and `weight` is none.
 */
export function divergenceWords(divergence: Divergence, weight: number): DivergenceWords {
  oneOf(divergence, DIVERGENCES, "Cannot distil: 'divergence'");
  if (divergence === "forward_kl") return { mixed: false, forward: 1, reverse: 0 };
  if (divergence === "reverse_kl") return { mixed: false, forward: 0, reverse: 1 };
  if (!(weight > 0 && weight < 1)) {
    throw new RangeError(`Cannot compute '${divergence}': 'weight' must lie between 0 and 1, found ${weight}`);
  }
  return { mixed: divergence === "jensen_shannon", forward: weight, reverse: 1 - weight };
}
