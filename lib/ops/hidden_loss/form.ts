/**
 * The forms of a loss between hidden states.
 *
 * @module
 */

/** How far the student's hidden state x of a position is from the teacher's t. */
export type HiddenLoss =
  /** The mean square of x - t, as in TinyBERT (Jiao et al. 2020, arXiv 1909.10351, equation 8). */
  | "mse"
  /**
   * The same over the mean square of t: 1 for a student of zeros, so that layers and models count alike however large
   * their streams are, and no position does by its size alone. FitNets' comparison (Romero et al. 2015, arXiv 1412.6550)
   * made independent of scale, as Patient KD's is (Sun et al. 2019, arXiv 1908.09355).
   */
  | "relative_mse"
  /** 1 minus the cosine of the angle between x and t, as in DistilBERT (Sanh et al. 2019, arXiv 1910.01108). */
  | "cosine";

/** The losses there are, in the order of their numbers in kernels. */
export const HIDDEN_LOSSES = ["mse", "relative_mse", "cosine"] as const;
