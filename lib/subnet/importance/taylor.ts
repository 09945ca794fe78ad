/**
 * Importance from gradients.
 *
 * @module
 */

import type { GPTNeoXConfig } from "../../model/config.ts";
import { lossAndGradients } from "../../model/forward.ts";
import type { Model } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { range } from "../combinations.ts";
import { dimensionsOf } from "../dimensions.ts";
import type { Importance } from "../orders.ts";
import { parameterPicks } from "../picks.ts";
import { addFused, addHeads, addScores, addTo, noScores, type Scores } from "./scores.ts";

/**
 * Scores each part by how the loss would change, to first order, if all its weights were zero: the square of the sum of
 * gradient times weight, averaged over batches (Molchanov et al. 2019, arXiv 1906.10771, equation 8, for whole
 * structures). Sums of many sequences cancel before they are squared: batches of one sequence say most.
 */
export async function taylorImportance(
  teacher: Model,
  batches: readonly (readonly (readonly number[])[])[],
): Promise<Importance> {
  const dimensions = dimensionsOf(teacher.config);
  const weights = await teacher.parameters();
  const total = noScores(dimensions);
  for (const batch of batches) {
    const { gradients } = await lossAndGradients(teacher, batch);
    const sums = noScores(dimensions);
    addProducts(sums, weights, gradients, teacher.config);
    addScores(total, sums, (sum) => sum ** 2 / batches.length);
  }
  return total;
}

/** Adds each weight's product with its gradient to all parts that would take the weight with them. */
function addProducts(
  scores: Scores,
  weights: ParameterValues,
  gradients: ParameterValues,
  config: GPTNeoXConfig,
): void {
  const add = (list: string, sums: Float64Array) => {
    const [kind, number] = list.split(".");
    const block = scores.blocks[Number(number)]!;
    if (kind === "width") addTo(scores.width, sums);
    else if (kind === "mlp") addTo(block.mlp, sums);
    else if (kind === "attended") addHeads(block, sums);
    else addFused(block, sums);
  };
  for (const { to: name, shape, rows, columns } of parameterPicks(config, range(config.layers))) {
    const sums = sumProducts(weights.get(name)!, gradients.get(name)!, shape.at(-1)!);
    add(columns, sums.columns);
    if (rows !== undefined) add(rows, sums.rows);
    const layer = /^gpt_neox\.layers\.(\d+)\./.exec(name)?.[1];
    if (layer !== undefined) scores.layers[Number(layer)]! += sums.columns.reduce((sum, value) => sum + value, 0);
  }
}

/** Sums of products over the columns and over the rows of a matrix. */
function sumProducts(a: Float32Array, b: Float32Array, columns: number): { rows: Float64Array; columns: Float64Array } {
  const sums = { rows: new Float64Array(a.length / columns), columns: new Float64Array(columns) };
  for (let row = 0, i = 0; row < sums.rows.length; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const product = a[i]! * b[i]!;
      sums.rows[row]! += product;
      sums.columns[column]! += product;
    }
  }
  return sums;
}
