/**
 * Tensors: what a graph knows of an array.
 *
 * @module
 */

import type { Graph } from "./graph.ts";

/** The element types that kernels know: 32-bit floats for values, 32-bit unsigned integers for tokens and indices. */
export type DType = "f32" | "u32";

/**
 * What a tensor is to a program.
 *
 * `parameter`, `gradient` and `state` are persistent: they live in storage that several programs share and keep their
 * contents from run to run. An `input` is written by the host before a run, a `constant` once when the program is
 * compiled. `temporary` tensors share slots; an `output` has a slot of its own, so that it can be read after the run.
 */
export type Role = "parameter" | "gradient" | "state" | "input" | "constant" | "temporary" | "output";

/** A shaped array in a graph. Tensors hold no data; a device gives them memory when it compiles the graph. */
export interface Tensor {
  /** Place among the tensors of its graph. */
  readonly id: number;
  /** Name in messages; persistent tensors and inputs are found by it. */
  readonly name: string;
  /** Dimensions, row-major; a scalar has the shape [1]. */
  readonly shape: readonly number[];
  /** Elements. */
  readonly size: number;
  /** Type of its elements. */
  readonly dtype: DType;
  /** What it is to a program. */
  readonly role: Role;
  /** Where it was declared. */
  readonly graph: Graph;
  /** The tensor that owns the memory: this one, unless it is a view. */
  readonly base: Tensor;
  /** Where a view starts in its base, in elements. */
  readonly offset: number;
}

/** What an op says of a tensor that it makes. */
export interface TensorSpec {
  /** Dimensions, row-major. */
  readonly shape: readonly number[];
  /** Type of its elements. @default {"f32"} */
  readonly dtype?: DType;
}

/** Bytes of one element; both element types have four. */
export const BYTES_PER_ELEMENT = 4;

/** Bytes of which a binding's start is a multiple: the largest `minStorageBufferOffsetAlignment` of any adapter. */
export const BINDING_ALIGNMENT = 256;

/** Elements of which a binding's start is a multiple. */
export const ALIGNED_ELEMENTS = BINDING_ALIGNMENT / BYTES_PER_ELEMENT;

/** Counts the elements of a shape; a scalar, `[]`, has one. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Tells whether a role's memory outlives the program. */
export function isPersistent(role: Role): boolean {
  return role === "parameter" || role === "gradient" || role === "state";
}

/** Names the type of values: an element type where kernels know it, else what the values are to JavaScript. */
export function typeOf(data: unknown): string {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Uint32Array) return "u32";
  return data === undefined || data === null ? String(data) : Object(data).constructor?.name ?? "an object";
}

/** Writes a tensor's name and shape as error messages show them: `hidden [8, 128, 64]`. */
export function describe(tensor: Tensor): string {
  return `${tensor.name} [${tensor.shape.join(", ")}]`;
}
