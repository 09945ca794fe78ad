/**
 * Kernel launches: what an op becomes on WebGPU, and what it may know of the adapter.
 *
 * @module
 */

import type { Cost } from "../graph/cost.ts";
import { ALIGNED_ELEMENTS, BYTES_PER_ELEMENT, describe, type Tensor } from "../graph/tensor.ts";

/** A WGSL kernel: a file's text and the name under which profiles show it. */
export interface Kernel {
  /** Name in profiles and errors. */
  readonly name: string;
  /** WGSL text; its entry point is `main`. */
  readonly source: string;
}

/** A constant that is written into a kernel's text; each set of values is a pipeline of its own. */
export type KernelConstant = number | boolean | { readonly f32: number };

/** A part of a tensor as a kernel sees it, in elements. */
export interface View {
  /** What is bound. */
  readonly tensor: Tensor;
  /** First element that the kernel sees. */
  readonly offset: number;
  /** Elements that it sees. */
  readonly size: number;
}

/**
 * Memory for what the launches of one node hand on to each other; the next node finds it overwritten. All nodes of a
 * program share it.
 */
export interface Scratch {
  /** Elements that the kernel sees. */
  readonly scratch: number;
}

/** One kernel launch. Bindings follow the uniform block at binding 0, in the order of the kernel's declarations. */
export interface Dispatch {
  /** What runs. */
  readonly kernel: Kernel;
  /** Written before the kernel's text. */
  readonly constants: Readonly<Record<string, KernelConstant>>;
  /** Storage bindings from 1 on. */
  readonly bindings: readonly (View | Scratch)[];
  /** 32-bit words of the uniform block; floats go through `float`. */
  readonly uniforms: readonly number[];
  /** Workgroups of each axis. */
  readonly groups: readonly [number, number, number];
  /** Work of this launch, where a node's launches do different things. @default an equal share of the node's cost */
  readonly work?: Cost;
}

/** The ops that have kernels with workgroup memory and barriers beside those without. */
export const TILED_OPS = [
  "matmul",
  "attention",
  "layerNorm",
  "crossEntropy",
  "sum",
  "columnSum",
  "topEntries",
] as const;

/** An op that has kernels with workgroup memory and barriers. */
export type TiledOp = typeof TILED_OPS[number];

/** What an op may know of the adapter that it is lowered for. */
export interface Target {
  /** Bytes that one binding may span. */
  readonly maxBindingBytes: number;
  /** Whether an op shall use its kernels with workgroup memory and barriers. */
  readonly tiled: (op: TiledOp) => boolean;
  /** Whether kernels shall have their loops over constants written out, as hardware wants it. */
  readonly unrolled: boolean;
  /** Lanes that every subgroup has at least; 0 where kernels cannot use subgroups. */
  readonly subgroupSize: number;
}

/** Rows that are a whole number of binding alignments, whatever their length. */
export const ALIGNED_ROWS = ALIGNED_ELEMENTS;

/** Workgroups that one axis of a launch holds. */
export const MAX_GROUPS = 65535;
const bits = new DataView(new ArrayBuffer(4));

/** Returns the 32-bit word that a uniform block holds for a float. */
export function float(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint32(0);
}

/** Binds all of a tensor. */
export function whole(tensor: Tensor): View {
  return { tensor, offset: 0, size: tensor.size };
}

/** Binds rows `start` to `start + count - 1` of a tensor seen as rows of `width` elements. */
export function rows(tensor: Tensor, start: number, count: number, width: number): View {
  return { tensor, offset: start * width, size: count * width };
}

/**
 * Counts the workgroups of a one-dimensional launch, folded into two axes because an axis holds at most 65,535 of them.
 * The kernel finds its index as `id.x + id.y * groups.x * SIZE` and returns when it is past the end.
 */
export function grid(threads: number, workgroupSize: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(threads / workgroupSize));
  const y = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / y), y, 1];
}

/** A part of a launch that is split so that no binding exceeds the adapter's limit. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/**
 * Splits `total` rows into ranges whose bindings all fit the adapter.
 *
 * @param widths Elements a row of each tensor that is bound row by row.
 * @param what The tensor that the error names.
 * @param unit Every range but the last is a multiple of this many rows. @default {ALIGNED_ROWS}
 * @throws {RangeError} If one unit of rows is already more than one binding may hold.
 */
export function rowRanges(
  total: number,
  widths: readonly number[],
  target: Target,
  what: Tensor,
  unit = ALIGNED_ROWS,
): Range[] {
  const most = Math.floor(target.maxBindingBytes / (Math.max(...widths) * BYTES_PER_ELEMENT));
  const step = most >= total ? total : Math.floor(most / unit) * unit;
  if (step < 1) {
    throw new RangeError(
      `Cannot bind ${describe(what)}: ${unit} rows of ${Math.max(...widths)} values must fit one binding of ` +
        `${target.maxBindingBytes} bytes, found ${unit * Math.max(...widths) * BYTES_PER_ELEMENT}; ` +
        "use a smaller width, vocabulary or sequence",
    );
  }
  const ranges: Range[] = [];
  for (let start = 0; start < total; start += step) ranges.push({ start, count: Math.min(step, total - start) });
  return ranges;
}
