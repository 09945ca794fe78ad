/**
 * Instructions: what an op becomes on the CPU.
 *
 * @module
 */

import type { Cost } from "../graph/cost.ts";
import type { View } from "./dispatch.ts";
import type { KernelName } from "./kernel_files.ts";

/**
 * One entry of a program's tape: a kernel, what it works on, and into how many independent units its work is divided.
 *
 * Threads take units one by one and meet when all are done. A unit computes the same values whoever takes it, so results
 * do not depend on the number of threads; what a unit is must follow from the shapes alone.
 */
export interface Instruction {
  /** The function that an `*.as.ts` file of the op exports. */
  readonly kernel: KernelName;
  /** Tensors whose addresses the kernel reads, in its own order. */
  readonly operands: readonly View[];
  /** 32-bit words after the addresses; floats go through `float`. */
  readonly words: readonly number[];
  /** Independent pieces of work. */
  readonly units: number;
  /** Bytes of scratch memory that all threads share; it keeps its contents until the end of the node. @default {0} */
  readonly sharedBytes?: number;
  /** Bytes of scratch memory of each thread, lost after a unit. @default {0} */
  readonly threadBytes?: number;
  /** Work of this instruction, where a node's do different things. @default an equal share of the node's cost */
  readonly work?: Cost;
}

/** Values that one unit of an elementwise kernel handles: enough to hide the cost of taking it, few enough to share. */
export const UNIT_VALUES = 16_384;

/** Counts the units of an elementwise kernel; unit `i` handles the values from `i * UNIT_VALUES` on. */
export function unitsOf(values: number): number {
  return Math.ceil(values / UNIT_VALUES);
}

/** Rows that one unit of a row kernel handles. */
export function rowsPerUnit(width: number): number {
  return Math.max(1, Math.floor(UNIT_VALUES / width));
}
