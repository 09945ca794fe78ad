/**
 * Fused projections in which groups of heads share a key and a value.
 *
 * @module
 */

import { sharedConstant } from "../../graph/shared_constant.ts";
import { describe, rowsOf, type Tensor } from "../define.ts";
import { gather } from "../gather/mod.ts";
import type { AttentionLayout } from "./layout.ts";

/** The layout of a fused projection in which heads share keys and values. */
export interface GroupLayout extends AttentionLayout {
  /** Groups of heads that stand side by side and share a key and a value; divides `heads`. */
  readonly groups: number;
}

/**
 * Gives each head a copy of its group's key and value (Ainslie et al. 2023, arXiv 2305.13245), in the layout that
 * `rotary` and `attention` read. It costs memory traffic and no parameters: keys and values are computed once a group and
 * copied. The gradient of a key or a value is the sum over the heads that share it, in the order of heads.
 *
 * @param fused `[batch * sequence, (heads + 2 * groups) * size]`: the queries of all heads, then the keys of all groups,
 *   then their values. With a group for each head it is each head's q, k and v side by side, and is returned as it is.
 * @returns `[batch * sequence, 3 * heads * size]`, each head's q, k and v side by side.
 * @throws {RangeError} If the layout does not fit `fused`, or groups do not divide heads.
 */
export function expandGroups(fused: Tensor, { batch, sequence, heads, groups }: GroupLayout): Tensor {
  if (groups === heads) return fused;
  const { rows, width } = rowsOf(fused);
  const size = width / (heads + 2 * groups);
  if (rows !== batch * sequence || !Number.isInteger(size) || heads % groups !== 0) {
    throw new RangeError(
      `Cannot expand groups of ${
        describe(fused)
      }: it must be [batch * sequence, (heads + 2 * groups) * size] of groups ` +
        `that divide heads, found batch ${batch}, sequence ${sequence}, heads ${heads}, groups ${groups}`,
    );
  }
  const name = `groups.${heads}_${groups}_${size}`;
  const columns = sharedConstant(fused.graph, name, [3 * heads * size], () => expandedColumns({ heads, groups, size }));
  return gather(fused, { columns });
}

/** Returns where each of the values of {@linkcode expandGroups} comes from, of one token. */
export function expandedColumns(
  { heads, groups, size }: { readonly heads: number; readonly groups: number; readonly size: number },
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: 3 * heads * size }, (_, i) => {
    const head = Math.floor(i / (3 * size));
    const group = Math.floor(head * groups / heads);
    const part = [head, heads + group, heads + groups + group][Math.floor(i / size) % 3]!;
    return part * size + i % size;
  });
}
