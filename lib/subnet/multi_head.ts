/**
 * A model whose heads share keys and values as one whose heads have their own.
 *
 * @module
 */

import { type BlockShape, fusedRows, queryGroupsOf } from "../model/block_shape.ts";
import type { GPTNeoXConfig } from "../model/config.ts";
import type { ParameterValues } from "../model/parameters.ts";
import { expandedColumns } from "../ops/attention/groups.ts";

/** A model's shape and its parameters on the host. */
export interface HostModel {
  /** Its shape. */
  readonly config: GPTNeoXConfig;
  /** Every parameter of that shape. */
  readonly parameters: ParameterValues;
}

/**
 * Gives each head its own copy of its group's key and value projection: more parameters, the same function. A model of
 * multi-head attention is returned as it is.
 */
export function multiHead({ config, parameters }: HostModel): HostModel {
  const { blocks } = config;
  if (!blocks) return { config, parameters };
  const result: ParameterValues = new Map(parameters);
  blocks.forEach((block, layer) => {
    const { heads, headSize: size } = block, groups = queryGroupsOf(block);
    if (groups === heads) return;
    const rows = expandedColumns({ heads, groups, size });
    for (const kind of ["weight", "bias"]) {
      const name = `gpt_neox.layers.${layer}.attention.query_key_value.${kind}`;
      const values = parameters.get(name);
      if (values) result.set(name, repeated(values, values.length / fusedRows(block), rows));
    }
  });
  return { config: { ...config, blocks: blocks.map(withoutGroups) }, parameters: result };
}

function withoutGroups({ queryGroups: _, ...block }: BlockShape): BlockShape {
  return block;
}

/** These rows of a matrix, some of them several times. */
function repeated(values: Float32Array, width: number, rows: Uint32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: rows.length * width },
    (_, i) => values[rows[Math.floor(i / width)]! * width + i % width]!,
  );
}
