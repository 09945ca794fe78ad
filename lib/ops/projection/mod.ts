/**
 * Output projections computed in chunks of positions, so that the logits of all of them never exist at once (Hsu et al.
 * 2024, "Liger Kernel", arXiv 2410.10989).
 *
 * @module
 */

import { ALIGNED_ROWS, BYTES_PER_ELEMENT, describe, type Range, rows, type Tensor, whole } from "../define.ts";
import type { Product } from "../matmul/mod.ts";

/** Bytes of logits that exist at a time. Larger chunks make larger multiplications, smaller ones stay in caches. */
const CHUNK_BYTES = 16 * 1024 * 1024;

/**
 * Returns the positions of a chunk.
 *
 * @param asked A multiple of 64. @default as many as fit 16 MiB
 * @throws {RangeError} If `asked` is no multiple of 64.
 */
export function chunkSize(positions: number, vocabulary: number, asked?: number): number {
  const unit = ALIGNED_ROWS;
  if (asked !== undefined && (asked < unit || asked % unit !== 0)) {
    throw new RangeError(`Cannot compute the loss in chunks: 'chunk' must be a multiple of ${unit}, found ${asked}`);
  }
  const fitting = Math.max(1, Math.floor(CHUNK_BYTES / (vocabulary * BYTES_PER_ELEMENT * unit))) * unit;
  return Math.min(asked ?? fitting, positions);
}

/** What a loss of projected hidden states reads beside them. */
interface LossOperands {
  readonly hidden: Tensor;
  readonly weight: Tensor;
  readonly targets: Tensor;
  /** The accumulator of the weight's gradient. */
  readonly gradient?: Tensor | undefined;
}

/**
 * Checks that a loss reads and writes nothing but what is its own.
 *
 * @throws {RangeError} If targets are no u32, or the accumulator is not shaped as the weight is.
 */
export function checkLoss({ hidden, weight, targets, gradient }: LossOperands): void {
  const refuse = (rule: string, found: string) => {
    throw new RangeError(`Cannot compute the loss of ${describe(hidden)}: ${rule}, found ${found}`);
  };
  if (targets.dtype !== "u32") refuse("targets must be u32", `${describe(targets)} of ${targets.dtype}`);
  const shape = weight.shape.join(", ");
  if (gradient && gradient.shape.join(", ") !== shape) {
    refuse(`'gradient' must be [${shape}] as ${weight.name} is`, describe(gradient));
  }
}

/** Divides positions into chunks. */
export function chunksOf(positions: number, chunk: number): Range[] {
  return Array.from({ length: Math.ceil(positions / chunk) }, (_, i) => {
    const start = i * chunk;
    return { start, count: Math.min(chunk, positions - start) };
  });
}

/** Hidden states `[positions, width]`, a weight `[vocabulary, width]` and room for the logits of a chunk. */
export interface Projection {
  readonly hidden: Tensor;
  readonly weight: Tensor;
  readonly logits: Tensor;
}

/** Returns the product that makes a chunk's logits. */
export function logitsOf({ hidden, weight, logits }: Projection, { start, count }: Range): Product {
  const [n, k] = weight.shape as [number, number];
  const a = rows(hidden, start, count, k);
  return { form: "NT", m: count, n, k, a, b: whole(weight), c: rows(logits, 0, count, n) };
}

/** Returns the products that make the gradients of hidden states and weight of those of a chunk's logits. */
export function gradientsOf(
  { hidden, weight, logits }: Projection,
  { dhidden, dweight }: { readonly dhidden: Tensor; readonly dweight: Tensor },
  { start, count }: Range,
): Product[] {
  const [vocabulary, width] = weight.shape as [number, number];
  const scores = rows(logits, 0, count, vocabulary);
  const [x, dx] = [rows(hidden, start, count, width), rows(dhidden, start, count, width)];
  return [
    { form: "NN", m: count, n: width, k: vocabulary, a: scores, b: whole(weight), c: dx },
    { form: "TN", m: vocabulary, n: width, k: count, a: scores, b: x, c: whole(dweight), accumulate: true },
  ];
}
