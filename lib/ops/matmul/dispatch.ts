/**
 * From a matrix product to launches, split where operands exceed a binding.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  type Cost,
  type Dispatch,
  float,
  type Range,
  rowRanges,
  type Target,
  type View,
} from "../define.ts";
import type { Activation } from "../gelu/mod.ts";
import { combineDispatch, partsOf } from "./split.ts";
import {
  ACCUMULATE,
  BIAS,
  matmulKernel,
  RESIDUAL,
  SOFTWARE_LANES,
  SOFTWARE_TILE,
  TILED_DEPTH,
  TILED_SIDE,
} from "./kernels.ts";

/**
 * Which operands are transposed: `NN` is `A[m, k] B[k, n]`, `NT` is `A[m, k] B[n, k]^T`, `TN` is `A[k, m]^T B[k, n]`.
 */
export type Form = "NN" | "NT" | "TN";

/** `C[m, n] = alpha op(A) op(B)`, with bias and residual or accumulation added; row-major and contiguous. */
export interface Product {
  /** Which operands are transposed. */
  readonly form: Form;
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Length of the sums. */
  readonly k: number;
  /** Matrices that lie one after the other in A, B and C. @default {1} */
  readonly batch?: number;
  /** `[batch, m, k]`, or `[batch, k, m]` in form TN. */
  readonly a: View;
  /** `[batch, k, n]`, or `[batch, n, k]` in form NT. */
  readonly b: View;
  /** `[batch, m, n]`. */
  readonly c: View;
  /** `[n]`, added to every row. */
  readonly bias?: View | undefined;
  /** Of the shape of C, added to it. */
  readonly residual?: View | undefined;
  /** Adds to what C holds in place of overwriting it. */
  readonly accumulate?: boolean;
  /** Multiplies the product, before anything is added. @default {1} */
  readonly alpha?: number;
  /** Receives gelu of what C receives. */
  readonly activated?: { readonly kind: Activation; readonly view: View } | undefined;
}

/** The forms there are, with their numbers, which stand in interface.wgsl too. */
export const FORMS = { NN: 0, NT: 1, TN: 2 } as const satisfies Record<Form, number>;
/** From so many values of C on there are enough tiles of 128 x 64 for all processors of a large GPU. */
const LARGE = 2 ** 21;

/** The part of a product that one launch computes. */
interface Part {
  readonly batch: Range;
  readonly m: Range;
  readonly n: Range;
  readonly k: Range;
}

/**
 * Returns the launches of a matrix product. Operands that exceed a binding are split by rows; parts of k are added up
 * in order.
 */
export function matmulDispatches(product: Product, target: Target): Dispatch[] {
  const launches = parts(product, target);
  const inParts = launches.length === 1 && isTiled(target) ? partsOf(product) : 1;
  return inParts > 1
    ? splitDispatches(product, launches[0]!, inParts, target)
    : launches.map((part) => launch(product, part, target));
}

function parts({ form, m, n, k, batch = 1, a, b, c }: Product, target: Target): Part[] {
  const all = (count: number): Range => ({ start: 0, count });
  if (batch > 1) {
    return rowRanges(batch, [m * k, k * n, m * n], target, c.tensor)
      .map((range) => ({ batch: range, m: all(m), n: all(n), k: all(k) }));
  }
  const split = (count: number, widths: number[], view: View) => rowRanges(count, widths, target, view.tensor);
  const ms = split(m, form === "TN" ? [n] : [n, k], c);
  const ns = form === "NT" ? split(n, [k], b) : [all(n)];
  const ks = form === "NT" ? [all(k)] : form === "NN" ? split(k, [n], b) : split(k, [m, n], a);
  return ms.flatMap((m) => ns.flatMap((n) => ks.map((k) => ({ batch: all(1), m, n, k }))));
}

/** Computes all parts of k in one launch, as if they were matrices of a batch, and adds them up in another. */
function splitDispatches(product: Product, part: Part, count: number, target: Target): Dispatch[] {
  const { form, m, n, k, a, b, c, alpha = 1 } = product;
  const partials = { scratch: count * m * n };
  const plain = launch({ form, m, n, k, a, b, c, alpha }, part, target, count);
  const [left, right] = plain.bindings as [View, View];
  return [{ ...plain, bindings: [left, right, left, left, partials] }, combineDispatch(product, partials)];
}

function isTiled(target: Target): boolean {
  return target.tiled("matmul") || target.subgroupSize < SOFTWARE_LANES;
}

/** One launch; with `slices` above 1 each computes its share of k, and C is a batch of their results. */
function launch(product: Product, { batch, m, n, k }: Part, target: Target, slices = 1): Dispatch {
  const { form, a, b, c, bias, residual, activated } = product;
  const first = k.start === 0;
  const activation = k.start + k.count === product.k ? activated : undefined;
  const [lda, ldb, ldc] = [form === "TN" ? product.m : product.k, form === "NT" ? product.k : product.n, product.n];
  const aligned = [lda, ldb, ldc].every((length) => length % 4 === 0);
  const tiled = isTiled(target);
  const matrices = batch.count * slices;
  const blocks = matrices * m.count * n.count >= LARGE ? 2 : 1;
  const depth = k.count / slices;
  const tile = tiled ? { rows: TILED_SIDE * blocks, columns: TILED_SIDE } : SOFTWARE_TILE;

  /** The rows of an operand that this part reads or writes, of all matrices of its batch. */
  const lines = ({ tensor, offset }: View, { start, count }: Range, height: number, width: number): View => ({
    tensor,
    offset: offset + (batch.start * height + start) * width,
    size: ((batch.count - 1) * height + count) * width,
  });
  const left = form === "TN" ? lines(a, k, product.k, lda) : lines(a, m, product.m, lda);
  const right = form === "NT" ? lines(b, n, product.n, ldb) : lines(b, k, product.k, ldb);
  const like = (view: View) => lines(view, m, product.m, ldc);
  const flags = (first && bias ? BIAS : 0) | (first && residual ? RESIDUAL : 0) |
    (!first || product.accumulate ? ACCUMULATE : 0);
  return {
    kernel: matmulKernel({ tiled, unrolled: target.unrolled, aligned, activation: activation !== undefined }),
    constants: {
      FORM: FORMS[form],
      TAIL: depth % (tiled ? TILED_DEPTH : 4) !== 0,
      ...(tiled ? { BLOCKS: blocks } : {}),
      ...(activation ? { ERF: activation.kind === "gelu" } : {}),
    },
    bindings: [
      left,
      right,
      bias ?? left, // a launch that has none binds another operand there, and does not read it
      residual ? like(residual) : left,
      like(c),
      ...(activation ? [like(activation.view)] : []),
    ],
    uniforms: [
      ...[m.count, n.count, depth],
      ...[lda, ldb, ldc],
      ...(slices > 1
        ? [form === "TN" ? depth * lda : depth, form === "NT" ? depth : depth * ldb]
        : [product.m * product.k, product.k * product.n]),
      product.m * product.n,
      ...[form === "TN" ? m.start : k.start, form === "NT" ? k.start : n.start, n.start],
      ...[flags, float(product.alpha ?? 1)],
    ],
    groups: [Math.ceil(n.count / tile.columns), Math.ceil(m.count / tile.rows), matrices],
    work: matmulCost({ m: m.count, n: n.count, k: k.count, batch: batch.count }),
  };
}

/** Counts the work of a matrix product if every operand is touched once. */
export function matmulCost({ m, n, k, batch = 1 }: Pick<Product, "m" | "n" | "k" | "batch">): Cost {
  return { flops: 2 * batch * m * n * k, bytes: BYTES_PER_ELEMENT * batch * (m * k + k * n + m * n) };
}
