import { type Dispatch, grid } from "../../graph/dispatch.ts";
import { vectors } from "../rows.ts";
import direct from "./direct.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** Invocations of a workgroup where each of them has a row of its own. */
const DIRECT_SIZE = 16;
/** Vectors of a row from which on a workgroup has 256 invocations and not 128. */
const LONG_ROW = 1024;

/** How rows of one width are reduced. */
export interface Reduction {
  /** Values that the kernel's `Vec` holds. */
  readonly per: number;
  /** The part of a launch that follows from the number of rows. */
  readonly launch: (rows: number) => Pick<Dispatch, "kernel" | "constants" | "groups">;
}

/**
 * Makes the versions of a kernel that reduces the rows of a matrix: for rows that are multiples of four and for others,
 * by one invocation a row and, if `byWorkgroup`, by a workgroup a row, which pays where barriers are cheap.
 *
 * @param source WGSL over `Vec`, `row_of`, `column_of`, `STEP` and `reduced`; it defines `join`, an associative join of
 *   two `vec2f`.
 */
export function reduction(name: string, source: string): (width: number, byWorkgroup: boolean) => Reduction {
  const one = vectors(name, direct + source);
  const all = vectors(`${name}.tiled`, tiled + source);
  return (width, byWorkgroup) => {
    const { kernel, per } = (byWorkgroup ? all : one)(width);
    const size = !byWorkgroup ? DIRECT_SIZE : width / per < LONG_ROW ? 128 : 256;
    const groups = (rows: number) => byWorkgroup ? grid(rows, 1) : grid(rows, size);
    return { per, launch: (rows) => ({ kernel, constants: { SIZE: size }, groups: groups(rows) }) };
  };
}
