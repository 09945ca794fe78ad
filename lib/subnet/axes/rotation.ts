/**
 * The rotation that brings a stream onto its principal axes.
 *
 * @module
 */

import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** The axes on which a stream varies most, then second most, and so on. */
export interface PrincipalAxes {
  /** `[width, width]`, to be applied to columns. */
  readonly rotation: Float32Array<ArrayBuffer>;
  /** What the stream varies on each, the largest first: `width - 1` eigenvalues. */
  readonly variances: readonly number[];
}

/**
 * Finds the rotation after which the first k + 1 coordinates hold the k directions in which the stream varies most, for
 * every k.
 *
 * A norm takes the mean of a position away, so only directions of mean zero count, and only a rotation that keeps the
 * direction of equal coordinates leaves a norm what it is. So the principal directions go to the vectors of Helmert's
 * matrix, `(1, ..., 1, -j, 0, ..., 0) / sqrt(j (j + 1))`: each has mean zero, the first k of them need k + 1
 * coordinates, and on these all later ones are constant, which a norm of so many coordinates takes away too.
 *
 * @param covariance Symmetric `[width, width]`, of values of mean zero.
 */
export function principalAxes(covariance: ArrayLike<number>, width: number): PrincipalAxes {
  const matrix = Matrix.zeros(width, width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) matrix.set(i, j, (covariance[i * width + j]! + covariance[j * width + i]!) / 2);
  }
  // The direction of equal coordinates has no variance; a value of its own keeps it apart from others without any.
  const floor = matrix.trace() / width || 1;
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(
    Matrix.sub(matrix, Matrix.ones(width, width).mul(floor / width)),
    { assumeSymmetric: true },
  );
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!).slice(0, width - 1);
  const rotation = new Float64Array(width * width).fill(1 / width);
  order.forEach((column, i) => {
    const j = i + 1, size = Math.sqrt(j * (j + 1));
    for (let row = 0; row <= j; row++) {
      const share = (row < j ? 1 : -j) / size;
      for (let at = 0; at < width; at++) rotation[row * width + at]! += share * vectors.get(at, column);
    }
  });
  return { rotation: Float32Array.from(rotation), variances: order.map((column) => Math.max(0, values[column]!)) };
}

/**
 * Returns what share of its stream a turned model's first coordinates hold, as norms see it: k + 1 of them hold k axes.
 *
 * @param coordinates At least 1.
 */
export function shareHeld({ variances }: Pick<PrincipalAxes, "variances">, coordinates: number): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return sum(variances.slice(0, coordinates - 1)) / sum(variances);
}
