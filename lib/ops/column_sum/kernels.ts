/**
 * The two passes of a sum over rows, for adapters on which barriers are cheap and for others.
 *
 * @module
 */

import type { Dispatch } from "../define.ts";
import { unroll } from "../unroll.ts";
import { vectors } from "../vectors/mod.ts";
import direct from "./direct.wgsl" with { type: "text" };
import shared from "./interface.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** Columns of a workgroup without barriers, in vectors. */
const SIZE = 32;

/** How a workgroup with barriers shares a strip out to its 256 invocations. */
interface Shares {
  /** Columns, in vectors. */
  readonly COLUMNS: number;
  /** Rows that are summed side by side; a power of two. */
  readonly ROWS: number;
  /** Rows that an invocation loads before it waits for any. */
  readonly TURNS: number;
}

/** Chooses all of a pass over a matrix of this width but its bindings, and tells the values that its `Vec` holds. */
export type Pass = (width: number, strips: number, byWorkgroup: boolean) =>
  & { readonly per: number }
  & Pick<Dispatch, "kernel" | "constants" | "groups">;

function pass(name: string, shares: Shares): Pass {
  const one = vectors(name, shared + direct);
  const all = vectors(`${name}.tiled`, shared + unroll(tiled, { TURNS: shares.TURNS }));
  return (width, strips, byWorkgroup) => {
    const { kernel, per } = (byWorkgroup ? all : one)(width);
    const columns = byWorkgroup ? shares.COLUMNS : SIZE;
    return {
      ...{ per, kernel },
      constants: byWorkgroup ? { ...shares } : { SIZE },
      groups: [Math.ceil(width / per / columns), strips, 1],
    };
  };
}

/** Sums each strip of rows: 64 rows are loaded all at once. */
export const stripPass: Pass = pass("column_sum", { COLUMNS: 32, ROWS: 8, TURNS: 8 });

/** Sums what the strips left, of which there is one row for many: a workgroup takes fewer columns and more rows. */
export const combinePass: Pass = pass("column_sum_combine", { COLUMNS: 8, ROWS: 32, TURNS: 4 });
