/**
 * The CPU kernels and the files that export them.
 *
 * @module
 */

/** Files under `lib/ops` and the kernels that each exports. A kernel's place in this list is its number on a tape. */
export const KERNEL_FILES = {
  "add/add.as.ts": ["add", "axpy"],
  "matmul/matmul.as.ts": ["matmulPack", "matmul"],
  "copy/copy.as.ts": ["copy", "fill"],
  "peak/peak.as.ts": ["peakCompute"],
} as const;

/** The name of a CPU kernel. */
export type KernelName = typeof KERNEL_FILES[keyof typeof KERNEL_FILES][number];

/** All CPU kernels, in the order of their numbers. */
export const KERNELS: readonly KernelName[] = Object.values(KERNEL_FILES).flat();
