/**
 * Rows of a table by token.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  describe,
  grid,
  rowRanges,
  rows,
  rowsPerUnit,
  type Tensor,
  whole,
} from "../define.ts";
import { vectors } from "../vectors/mod.ts";
import forward from "./forward.wgsl" with { type: "text" };
import backward from "./backward.wgsl" with { type: "text" };

const SIZE = 64;
/** Tokens whose gradients one unit sums on the CPU: few, as some tokens have many positions. */
const BUCKETS = 32;
const forwardKernel = vectors("embedding", forward);
const backwardKernel = vectors("embedding_gradient", backward);

/**
 * The positions of a batch sorted by token, made on the host by `embeddingBuckets`: `order` `[positions]` lists them
 * token after token, bucket `b` holds `order[starts[b]]` to `order[starts[b + 1] - 1]` and belongs to token `ids[b]`.
 */
export interface TokenBuckets {
  /** `[positions]`, u32. */
  readonly order: Tensor;
  /** `[positions + 1]`, u32. */
  readonly starts: Tensor;
  /** `[positions]`, u32. */
  readonly ids: Tensor;
}

interface Attributes {
  readonly buckets: TokenBuckets | undefined;
}

const embeddingOp = defineOp<Attributes, [tokens: Tensor, table: Tensor], [out: Tensor]>({
  name: "embedding",
  infer([tokens, table]) {
    if (tokens.dtype !== "u32" || table.shape.length !== 2) {
      throw new RangeError(
        `Cannot embed ${describe(tokens)}: tokens must be u32 and the table a matrix, found ${describe(table)}`,
      );
    }
    return [{ shape: [...tokens.shape, table.shape[1]!] }];
  },
  gradient({ inputs: [, table], upstream: [dy], attributes: { buckets } }) {
    return [undefined, (sum) => {
      if (sum?.role !== "gradient" || !buckets) {
        throw new RangeError(
          `Cannot differentiate the embedding in ${describe(table)}: it needs token buckets and an accumulator; ` +
            "pass 'buckets' to embedding() and 'into' to differentiate()",
        );
      }
      table.graph.apply(embeddingGradientOp, [dy, buckets.order, buckets.starts, buckets.ids, sum], {});
      return sum;
    }];
  },
  cost: ({ outputs: [out] }) => ({ flops: 0, bytes: 2 * BYTES_PER_ELEMENT * out.size }),
  webgpu({ inputs: [tokens, table], outputs: [out] }, target) {
    const [vocabulary, width] = table.shape as [number, number];
    const { kernel, per } = forwardKernel(width);
    return rowRanges(tokens.size, [width], target, out).flatMap((positions) =>
      rowRanges(vocabulary, [width], target, table).map((part) => ({
        kernel,
        constants: { SIZE },
        bindings: [
          rows(tokens, positions.start, positions.count, 1),
          rows(table, part.start, part.count, width),
          rows(out, positions.start, positions.count, width),
        ],
        uniforms: [positions.count, width / per, part.start, part.count],
        groups: grid(positions.count * width / per, SIZE),
      }))
    );
  },
  cpu({ inputs: [tokens, table], outputs: [out] }) {
    const width = table.shape[1]!;
    const most = rowsPerUnit(width);
    return [{
      kernel: "embedding",
      operands: [whole(tokens), whole(table), whole(out)],
      words: [tokens.size, width, most],
      units: Math.ceil(tokens.size / most),
    }];
  },
});

const embeddingGradientOp = defineOp<
  Record<never, never>,
  [dy: Tensor, order: Tensor, starts: Tensor, ids: Tensor, dtable: Tensor],
  []
>({
  name: "embeddingGradient",
  infer: () => [],
  updates: () => [4],
  cost: ({ inputs: [dy] }) => ({ flops: dy.size, bytes: 3 * BYTES_PER_ELEMENT * dy.size }),
  webgpu({ inputs: [dy, order, starts, ids, dtable] }, target) {
    const [vocabulary, width] = dtable.shape as [number, number];
    const { kernel, per } = backwardKernel(width);
    return rowRanges(order.size, [width], target, dy).flatMap((positions) =>
      rowRanges(vocabulary, [width], target, dtable).map((part) => ({
        kernel,
        constants: { SIZE },
        bindings: [
          rows(dy, positions.start, positions.count, width),
          whole(order),
          whole(starts),
          whole(ids),
          rows(dtable, part.start, part.count, width),
        ],
        uniforms: [ids.size, width / per, part.start, part.count, positions.start, positions.count],
        groups: grid(ids.size * width / per, SIZE),
      }))
    );
  },
  cpu({ inputs: [dy, order, starts, ids, dtable] }) {
    const width = dtable.shape[1]!;
    return [{
      kernel: "embeddingGradient",
      operands: [dy, order, starts, ids, dtable].map(whole),
      words: [ids.size, width, BUCKETS],
      units: Math.ceil(ids.size / BUCKETS),
    }];
  },
});

/**
 * Looks up the rows of a table: `[positions]` tokens to `[positions, width]`.
 *
 * @param tokens u32, each less than the table's rows; the boundary that takes them in checks that.
 * @param table `[vocabulary, width]`.
 * @param buckets The same tokens sorted; only the gradient with respect to the table needs them.
 * @throws {RangeError} If tokens or buckets are no u32, the buckets are those of another number of positions, or the
 *   table is no matrix.
 */
export function embedding(tokens: Tensor, table: Tensor, buckets?: TokenBuckets): Tensor {
  if (buckets) checkBuckets(tokens, buckets);
  return tokens.graph.apply(embeddingOp, [tokens, table], { buckets })[0];
}

/** Kernels read the buckets as indices, so that those of other tokens lead past the ends of tensors. */
function checkBuckets(tokens: Tensor, { order, starts, ids }: TokenBuckets): void {
  const { size } = tokens;
  for (
    const [name, tensor, length] of [["order", order, size], ["starts", starts, size + 1], ["ids", ids, size]] as const
  ) {
    if (tensor.dtype === "u32" && tensor.size === length) continue;
    throw new RangeError(
      `Cannot embed ${describe(tokens)}: 'buckets.${name}' must be u32 of ${length} elements, found ` +
        `${describe(tensor)} of ${tensor.dtype}; make the buckets of these tokens with embeddingBuckets()`,
    );
  }
}
