/**
 * Sums over all values of a tensor.
 *
 * @module
 */

import {
  BYTES_PER_ELEMENT,
  defineOp,
  type Dispatch,
  float,
  type Instruction,
  rowRanges,
  rows,
  type Target,
  type Tensor,
  UNIT_VALUES,
  whole,
} from "../define.ts";
import { add } from "../add/mod.ts";
import { reduction } from "../reduction/mod.ts";
import combine from "./combine.wgsl" with { type: "text" };
import partial from "./partial.wgsl" with { type: "text" };

/** Partial sums of a launch: enough to fill a device, few enough to add up in a launch of one workgroup. */
const PARTS = 1024;
/** Vectors that a workgroup with barriers sums at least: some for each invocation, or its tree costs more than it saves. */
const LEAST_SHARE = 1024;
const partialKernel = reduction("sum", partial);
const combineKernel = reduction("sum_combine", combine);

/** How `sumDispatches` sums. */
interface SumParts {
  /** Scratch memory of `sumPartials(x)` values. */
  readonly partials: Tensor;
  /** `[1]`. */
  readonly out: Tensor;
  readonly scale: number;
  readonly squared?: boolean;
  /** Adds to what `out` holds. */
  readonly accumulate?: boolean;
}

/** Counts the values of scratch memory that summing a tensor takes. */
export function sumPartials(x: { readonly size: number }): number {
  return Math.min(PARTS, Math.ceil(x.size / 4));
}

/** Returns the launches that sum a tensor, for ops that end in a sum. */
export function sumDispatches(x: Tensor, parts: SumParts, target: Target): Dispatch[] {
  const { partials, out, scale, squared = false, accumulate = false } = parts;
  const tiled = target.tiled("sum");
  return rowRanges(x.size, [1], target, x).flatMap(({ start, count }, part): Dispatch[] => {
    const vectors = Math.ceil(count / 4);
    const pieces = tiled ? Math.min(partials.size, Math.ceil(vectors / LEAST_SHARE)) : partials.size;
    const first = partialKernel(4 * Math.ceil(vectors / pieces), tiled).launch(pieces);
    const { per, launch } = combineKernel(pieces, tiled);
    const second = launch(1);
    return [
      {
        ...first,
        constants: { ...first.constants, SQUARED: squared },
        bindings: [rows(x, start, count, 1), whole(partials)],
        uniforms: [count, pieces],
        work: { flops: (squared ? 2 : 1) * count, bytes: BYTES_PER_ELEMENT * count },
      },
      {
        ...second,
        constants: { ...second.constants, ACCUMULATE: accumulate || part > 0 },
        bindings: [whole(partials), whole(out)],
        uniforms: [pieces / per, float(scale)],
        work: { flops: pieces, bytes: BYTES_PER_ELEMENT * pieces },
      },
    ];
  });
}

/** Returns the instructions that sum a tensor on the CPU, for ops that end in a sum. */
export function sumInstructions(x: Tensor, parts: SumParts): Instruction[] {
  const { partials, out, scale, squared = false, accumulate = false } = parts;
  const chunk = Math.max(UNIT_VALUES, Math.ceil(x.size / partials.size));
  const count = Math.ceil(x.size / chunk);
  return [
    {
      kernel: "sumPartial",
      operands: [whole(x), whole(partials)],
      words: [x.size, chunk, squared ? 1 : 0],
      units: count,
      work: { flops: (squared ? 2 : 1) * x.size, bytes: BYTES_PER_ELEMENT * x.size },
    },
    {
      kernel: "sumCombine",
      operands: [whole(partials), whole(out)],
      words: [count, float(scale), accumulate ? 1 : 0],
      units: 1,
      work: { flops: count, bytes: BYTES_PER_ELEMENT * count },
    },
  ];
}

interface Attributes {
  readonly scale: number;
  readonly squared: boolean;
  readonly accumulate: boolean;
}

const sumOp = defineOp<Attributes, [x: Tensor, ...into: Tensor[]], [partials: Tensor, ...fresh: Tensor[]]>({
  name: "sum",
  infer([x], { accumulate }) {
    const partials = { shape: [sumPartials(x)] };
    return accumulate ? [partials] : [partials, { shape: [1] }];
  },
  updates: (_, { accumulate }) => accumulate ? [1] : [],
  cost: ({ inputs: [x], attributes: { squared } }) => ({
    flops: (squared ? 2 : 1) * x.size,
    bytes: BYTES_PER_ELEMENT * x.size,
  }),
  webgpu: ({ inputs: [x, into], outputs: [partials, fresh], attributes }, target) =>
    sumDispatches(x, { partials, out: into ?? fresh!, ...attributes }, target),
  cpu: ({ inputs: [x, into], outputs: [partials, fresh], attributes }) =>
    sumInstructions(x, { partials, out: into ?? fresh!, ...attributes }),
});

/** Where a sum goes and what it is multiplied with. */
export interface SumOptions {
  /** What the sum is multiplied with. @default {1} */
  readonly scale?: number;
  /** A persistent scalar to which the sum is added in place. */
  readonly into?: Tensor;
}

function apply(x: Tensor, squared: boolean, { scale = 1, into }: SumOptions): Tensor {
  const attributes = { scale, squared, accumulate: into !== undefined };
  const outputs = x.graph.apply(sumOp, into ? [x, into] : [x], attributes);
  return into ?? outputs[1]!;
}

/** Sums all values in a fixed order: any shape to `[1]`. */
export function sum(x: Tensor, options: SumOptions = {}): Tensor {
  return apply(x, false, options);
}

/** Sums the squares of all values of one or several tensors in a fixed order: `[1]`. Its root is the global norm. */
export function sumOfSquares(...tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const [first, ...others] = tensors;
  return others.reduce((total, x) => add(total, apply(x, true, {})), apply(first, true, {}));
}
