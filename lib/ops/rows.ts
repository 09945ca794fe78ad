import type { Tensor } from "../graph/tensor.ts";

/** Sees a tensor as rows of its last dimension: `[rows, width]`. */
export function rowsOf(tensor: Tensor): { rows: number; width: number } {
  const width = tensor.shape.at(-1) ?? 1;
  return { rows: tensor.size / width, width };
}
