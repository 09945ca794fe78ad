/**
 * Which rows and columns of which of a teacher's parameters each parameter of a student is.
 *
 * @module
 */

import { parameterSpecs } from "../model/parameters.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import { dimensionsOf } from "./dimensions.ts";
import { attendedColumns, fusedRowsOf } from "./head_rows.ts";
import type { SubNetwork } from "./sub_network.ts";

/** Where a student's parameter comes from: the teacher's parameter, and the names of lists of rows and columns. */
export interface ParameterPicks {
  /** Name of the student's parameter. */
  readonly to: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Name of the teacher's parameter. */
  readonly from: string;
  /** List of its rows; a vector has none. */
  readonly rows?: string;
  /** List of its columns, or of a vector's values. */
  readonly columns: string;
}

/** Lists of indices by name: `width`, and for each of the student's layers `qkv.0`, `attended.0`, `mlp.0`. */
export type PickLists = Readonly<Record<string, Uint32Array<ArrayBuffer>>>;

/** Returns the lists of indices of a sub-network. */
export function pickLists({ width, blocks }: SubNetwork, teacher: GPTNeoXConfig): PickLists {
  const dimensions = dimensionsOf(teacher);
  return Object.fromEntries([
    ["width", Uint32Array.from(width)],
    ...blocks.flatMap((block, layer) => [
      [`qkv.${layer}`, Uint32Array.from(fusedRowsOf(block, dimensions))],
      [`attended.${layer}`, Uint32Array.from(attendedColumns(block, dimensions))],
      [`mlp.${layer}`, Uint32Array.from(block.mlp)],
    ]),
  ]);
}

/** What the outputs and the inputs of a block's matrices are; all others have the residual stream's. */
const inBlock: Readonly<Record<string, readonly [outputs: string, inputs: string]>> = {
  "attention.query_key_value": ["qkv", "width"],
  "attention.dense": ["width", "attended"],
  "mlp.dense_h_to_4h": ["mlp", "width"],
  "mlp.dense_4h_to_h": ["width", "mlp"],
};

/**
 * Says where each parameter of a student comes from, in the order of its parameters.
 *
 * @param student Config of the student.
 * @param layers The teacher's layers that it keeps.
 */
export function parameterPicks(student: GPTNeoXConfig, layers: readonly number[]): ParameterPicks[] {
  return parameterSpecs(student).map(({ name, shape }): ParameterPicks => {
    const isMatrix = shape.length === 2;
    const [, layer, part] = /^gpt_neox\.layers\.(\d+)\.(.+)\.(?:weight|bias)$/.exec(name) ?? [];
    // Rows of both embeddings are tokens, all of which are kept.
    if (layer === undefined) return { to: name, shape, from: name, columns: "width" };
    const [outputs, inputs] = (inBlock[part!] ?? ["width", "width"]).map((list) =>
      list === "width" ? list : `${list}.${layer}`
    ) as [string, string];
    const from = name.replace(`layers.${layer}.`, `layers.${layers[Number(layer)]}.`);
    return { to: name, shape, from, ...(isMatrix ? { rows: outputs, columns: inputs } : { columns: outputs }) };
  });
}
