/**
 * The CPU kernels and the files that export them.
 *
 * @module
 */

/** Files under `lib/ops` and the kernels that each exports. A kernel's place in this list is its number on a tape. */
export const KERNEL_FILES = {
  "add/add.as.ts": ["add", "axpy"],
  "adamw/adamw.as.ts": ["adamw"],
  "attention/forward.as.ts": ["attention"],
  "attention/backward.as.ts": ["attentionGradient"],
  "clip/clip.as.ts": ["clip"],
  "column_sum/column_sum.as.ts": ["columnSumPartial", "columnSumCombine"],
  "copy/copy.as.ts": ["copy", "fill"],
  "cross_entropy/rows.as.ts": ["crossEntropyRows"],
  "distillation/rows.as.ts": ["distillationRows"],
  "dropout/dropout.as.ts": ["dropout"],
  "embedding/embedding.as.ts": ["embedding", "embeddingGradient"],
  "gather/gather.as.ts": ["gather"],
  "gelu/gelu.as.ts": ["gelu", "geluGradient"],
  "hidden_loss/hidden_loss.as.ts": ["hiddenLossRows", "hiddenLossGradient"],
  "layer_norm/layer_norm.as.ts": ["layerNorm", "layerNormGradient"],
  "matmul/matmul.as.ts": ["matmulPack", "matmul"],
  "peak/peak.as.ts": ["peakCompute"],
  "rotary/rotary.as.ts": ["rotary"],
  "softmax/softmax.as.ts": ["softmax"],
  "sparse_distillation/rows.as.ts": ["sparseDistillationRows"],
  "sum/sum.as.ts": ["sumPartial", "sumCombine"],
  "top_entries/top_entries.as.ts": ["topEntries"],
} as const;

/** The name of a CPU kernel. */
export type KernelName = typeof KERNEL_FILES[keyof typeof KERNEL_FILES][number];

/** All CPU kernels, in the order of their numbers. */
export const KERNELS: readonly KernelName[] = Object.values(KERNEL_FILES).flat();
