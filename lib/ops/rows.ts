import type { Kernel } from "../graph/dispatch.ts";
import type { Tensor } from "../graph/tensor.ts";

/** A tensor seen as rows of its last dimension: `[rows, width]`. */
export function rowsOf(tensor: Tensor): { rows: number; width: number } {
  const width = tensor.shape.at(-1) ?? 1;
  return { rows: tensor.size / width, width };
}

const FOUR = `alias Vec = vec4f;
const LANES = 4u;
fn total(v: Vec) -> f32 { return (v.x + v.y) + (v.z + v.w); }
fn largest(v: Vec) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }
fn lane(v: Vec, i: u32) -> f32 { return dot(v, one_hot(i)); }
fn one_hot(i: u32) -> Vec { return vec4f(vec4u(i) == vec4u(0u, 1u, 2u, 3u)); }
`;
const ONE = `alias Vec = f32;
const LANES = 1u;
fn total(v: Vec) -> f32 { return v; }
fn largest(v: Vec) -> f32 { return v; }
fn lane(v: Vec, i: u32) -> f32 { return v; }
fn one_hot(i: u32) -> Vec { return 1.0; }
`;

/** A kernel written over `Vec`, for rows whose length is a multiple of four and for all others. */
export interface VectorKernel {
  /** The kernel for rows of `width` values and the number of values that one `Vec` holds. */
  (width: number): { kernel: Kernel; per: number };
}

/**
 * Makes the two versions of a kernel that is written over `Vec`: `vec4f` where rows are multiples of four, else `f32`.
 * Loads of four values cost about as much as loads of one, on software adapters and on hardware alike.
 */
export function vectors(name: string, source: string): VectorKernel {
  const four = { kernel: { name, source: FOUR + source }, per: 4 };
  const one = { kernel: { name: `${name}.scalar`, source: ONE + source }, per: 1 };
  return (width) => width % 4 === 0 ? four : one;
}
