/**
 * A model whose heads and neurons stand in the order in which they matter.
 *
 * @module
 */

import { Model } from "../../model/model.ts";
import type { ParameterValues } from "../../model/parameters.ts";
import { range } from "../combinations.ts";
import { dimensionsOf } from "../dimensions.ts";
import { checkImportance, type Importance } from "../orders.ts";
import { parameterPicks, pickLists } from "../picks.ts";
import type { SubNetwork } from "../sub_network.ts";

/**
 * Sorts the query groups, the heads inside groups and the neurons of each layer by importance, the most important first
 * and equals as they stood: a model of the same logits, but for rounding, of which the first indices are the best. So
 * students of coarse spaces, which keep first indices, inherit the best heads and neurons (as in OFA's channel sorting:
 * Cai et al. 2020, arXiv 1908.09791, section 3.3).
 *
 * Layers stay where they are, and so do dimensions of heads, which are rotated in pairs. For dimensions of width see
 * {@linkcode turnToPrincipalAxes}.
 *
 * @param importance Scores of this teacher.
 * @returns A model on the same device, which is the caller's to free.
 * @throws {RangeError} If scores are missing, or the teacher's blocks differ.
 */
export async function sortByImportance(teacher: Model, importance: Importance): Promise<Model> {
  const { config, device, tokenizerJson } = teacher;
  const dimensions = dimensionsOf(config);
  checkImportance(importance, dimensions);
  // All of the teacher as a sub-network whose lists do not ascend.
  const whole: SubNetwork = {
    layers: range(dimensions.layers),
    width: range(dimensions.width),
    blocks: importance.blocks.map(({ groups, headsInGroup, mlp }) => ({
      groups: mostFirst(groups),
      headsInGroup: mostFirst(headsInGroup),
      headDims: range(dimensions.headSize),
      mlp: mostFirst(mlp),
    })),
  };
  const lists = pickLists(whole, config);
  const given = await teacher.parameters();
  const parameters: ParameterValues = new Map(
    parameterPicks(config, whole.layers).map(({ to, from, rows, columns }) => [
      to,
      picked(given.get(from)!, rows === undefined ? undefined : lists[rows]!, lists[columns]!),
    ]),
  );
  return await Model.create(device, config, parameters, tokenizerJson);
}

function mostFirst(scores: ArrayLike<number>): number[] {
  return range(scores.length).sort((a, b) => scores[b]! - scores[a]!);
}

/** All values of a matrix in another order of rows, if one is given, and of columns. */
function picked(
  values: Float32Array,
  rows: Uint32Array | undefined,
  columns: Uint32Array,
): Float32Array<ArrayBuffer> {
  const size = columns.length;
  return Float32Array.from(values, (_, i) => {
    const row = Math.floor(i / size);
    return values[(rows ? rows[row]! : row) * size + columns[i % size]!]!;
  });
}
