/**
 * Importance from the size of activations.
 *
 * @module
 */

import { capture } from "../../model/forward.ts";
import type { Model } from "../../model/model.ts";
import { range } from "../combinations.ts";
import { dimensionsOf } from "../dimensions.ts";
import type { Importance } from "../orders.ts";
import { addHeads, addTo, noScores, type Scores } from "./scores.ts";

/**
 * Scores dimensions of the residual stream by the mean square of what the norms make of them, heads by that of their
 * outputs, neurons by that of theirs (Muralidharan et al. 2024, arXiv 2407.14679, section 2.2, with the mean square as
 * aggregate), and layers by how much they turn the residual stream: the mean of 1 - cosine(input, output) over tokens
 * (block influence: Men et al. 2024, arXiv 2403.03853, equation 1).
 */
export async function activationImportance(
  teacher: Model,
  batches: readonly (readonly (readonly number[])[])[],
): Promise<Importance> {
  const dimensions = dimensionsOf(teacher.config);
  const scores = noScores(dimensions);
  const layers = range(dimensions.layers);
  const names = layers.flatMap((layer) => parts.map((part) => `blocks.${layer}.${part}`)).concat("final_norm");
  const tokens = batches.reduce((sum, batch) => sum + batch.length * (batch[0]!.length - 1), 0);
  for (const batch of batches) {
    const inputs = batch.map((row) => row.slice(0, -1));
    const found = await capture(teacher, inputs, names);
    addTo(scores.width, meanSquares(found.get("final_norm")!, dimensions.width, tokens));
    for (const layer of layers) addLayer(scores, layer, (part) => found.get(`blocks.${layer}.${part}`)!, tokens);
  }
  return scores;
}

const parts = ["input", "attention_norm", "attention", "mlp_norm", "mlp", "output"] as const;

function addLayer(
  { layers, width, blocks }: Scores,
  layer: number,
  get: (part: typeof parts[number]) => Float32Array,
  tokens: number,
): void {
  const block = blocks[layer]!;
  for (const norm of ["attention_norm", "mlp_norm"] as const) {
    addTo(width, meanSquares(get(norm), width.length, tokens));
  }
  addTo(block.mlp, meanSquares(get("mlp"), block.mlp.length, tokens));
  const heads = block.groups.length * block.headsInGroup.length;
  addHeads(block, meanSquares(get("attention"), heads * block.headDims.length, tokens));
  layers[layer]! += turned(get("input"), get("output"), width.length) / tokens;
}

/** The sum of the squares of each column, over `tokens`. */
function meanSquares(values: Float32Array, columns: number, tokens: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) sums[i % columns]! += values[i]! ** 2 / tokens;
  return sums;
}

/** The sum over rows of 1 - cosine of the angle between them. */
function turned(before: Float32Array, after: Float32Array, width: number): number {
  let sum = 0;
  for (let row = 0; row < before.length; row += width) {
    let product = 0, first = 0, second = 0;
    for (let i = row; i < row + width; i++) {
      product += before[i]! * after[i]!;
      first += before[i]! ** 2;
      second += after[i]! ** 2;
    }
    sum += 1 - product / Math.sqrt(first * second);
  }
  return sum;
}
