/**
 * Matrix products: linear layers, their gradients, and batches of matrices.
 *
 * @module
 */

import { defineOp, describe, type Node, oneOf, type Tensor, whole } from "../define.ts";
import { accumulate } from "../add/mod.ts";
import { columnSum } from "../column_sum/mod.ts";
import { type Activation, ACTIVATIONS, geluGradient } from "../gelu/mod.ts";
import { type Form, FORMS, matmulCost, matmulDispatches, type Product } from "./dispatch.ts";
import { matmulInstructions } from "./instructions.ts";

export { type Form, matmulDispatches, type Product } from "./dispatch.ts";
export { matmulInstructions } from "./instructions.ts";

interface Attributes {
  readonly form: Form;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  readonly alpha: number;
  /** Shape of the result. */
  readonly shape: readonly number[];
  /** Which further inputs there are, in this order after A and B. */
  readonly extras: readonly ("bias" | "residual" | "into")[];
  readonly activation: Activation | undefined;
}

type Inputs = [a: Tensor, b: Tensor, ...extras: Tensor[]];

const matmulOp = defineOp<Attributes, Inputs, Tensor[]>({
  name: "matmul",
  infer(_, { shape, extras, activation }) {
    if (extras.includes("into")) return [];
    return activation ? [{ shape }, { shape }] : [{ shape }];
  },
  updates: (_, { extras }) => extras.includes("into") ? [2 + extras.indexOf("into")] : [],
  gradient({ inputs: [a, b], outputs: [c], upstream: [dplain, dactivated], attributes }) {
    const { form, m, n, k, batch, alpha, extras, activation } = attributes;
    let found: Tensor | undefined;
    const dc = () => found ??= activation ? geluGradient(c!, dactivated!, activation) : dplain!;
    const times = (form: Form, left: Tensor, right: Tensor, [m, n, k]: number[], like: Tensor, sum?: Tensor) => {
      const extra = sum?.role === "gradient" ? { into: sum } : { residual: sum };
      return product(left, right, { form, m: m!, n: n!, k: k!, batch, alpha, shape: like.shape, ...extra });
    };
    return [
      (sum) =>
        ({
          NN: () => times("NT", dc(), b, [m, k, n], a, sum),
          NT: () => times("NN", dc(), b, [m, k, n], a, sum),
          TN: () => times("NT", b, dc(), [k, m, n], a, sum),
        })[form](),
      (sum) =>
        ({
          NN: () => times("TN", a, dc(), [k, n, m], b, sum),
          NT: () => times("TN", dc(), a, [n, k, m], b, sum),
          TN: () => times("NN", a, dc(), [k, n, m], b, sum),
        })[form](),
      ...extras.map((extra) => (sum: Tensor | undefined) =>
        extra === "bias" ? columnSum(dc(), { into: sum }) : accumulate(sum, dc())
      ),
    ];
  },
  cost: ({ attributes }) => matmulCost(attributes),
  webgpu: (node, target) => matmulDispatches(productOf(node), target),
  cpu: (node) => matmulInstructions(productOf(node)),
});

/** Names a node's operands. */
function productOf(
  { inputs: [a, b, ...given], outputs: [c, activated], attributes }: Node<Attributes, Inputs, Tensor[]>,
): Product {
  const { extras, activation } = attributes;
  const extra = (name: Attributes["extras"][number]) => {
    const i = extras.indexOf(name);
    return i < 0 ? undefined : whole(given[i]!);
  };
  const into = extra("into");
  return {
    ...attributes,
    a: whole(a),
    b: whole(b),
    c: into ?? whole(c!),
    bias: extra("bias"),
    residual: extra("residual"),
    accumulate: into !== undefined,
    activated: activation && { kind: activation, view: whole(activated!) },
  };
}

interface ProductOptions extends Pick<Attributes, "form" | "m" | "n" | "k" | "batch" | "alpha" | "shape"> {
  readonly bias?: Tensor | undefined;
  readonly residual?: Tensor | undefined;
  readonly into?: Tensor | undefined;
  readonly activation?: Activation | undefined;
}

function product(a: Tensor, b: Tensor, { bias, residual, into, activation, ...rest }: ProductOptions): Tensor {
  const given = Object.entries({ bias, residual, into }).filter(([, tensor]) => tensor !== undefined);
  const extras = given.map(([name]) => name) as Attributes["extras"];
  const tensors = given.map(([, tensor]) => tensor!);
  const outputs = a.graph.apply(matmulOp, [a, b, ...tensors], { ...rest, extras, activation });
  return into ?? outputs.at(-1)!;
}

/** What a linear layer adds to its product. */
export interface LinearOptions {
  /** `[outputs]`. */
  readonly bias?: Tensor | undefined;
  /** Of the result's shape; added to it. */
  readonly residual?: Tensor | undefined;
  /** Applied to the sum of all of these. */
  readonly activation?: Activation | undefined;
}

/**
 * Applies a linear layer: `x weight^T`, plus bias and residual, then the activation; one launch computes them all.
 *
 * @param x `[..., inputs]`.
 * @param weight `[outputs, inputs]`.
 * @returns `[..., outputs]`.
 * @throws {RangeError} If a shape does not fit, or there is no such activation.
 */
export function linear(x: Tensor, weight: Tensor, { bias, residual, activation }: LinearOptions = {}): Tensor {
  const [n, k] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new RangeError(
      `Cannot apply a linear layer to ${describe(x)}: the weight must be [outputs, ${x.shape.at(-1)}], ` +
        `found ${describe(weight)}`,
    );
  }
  if (activation !== undefined) {
    oneOf(activation, ACTIVATIONS, `Cannot apply a linear layer to ${describe(x)}: 'activation'`);
  }
  const shape = [...x.shape.slice(0, -1), n!];
  const m = x.size / k!;
  checkSize("bias", bias, n!, x);
  checkSize("residual", residual, m * n!, x);
  return product(x, weight, { form: "NT", m, n: n!, k: k!, batch: 1, alpha: 1, shape, bias, residual, activation });
}

function checkSize(name: string, tensor: Tensor | undefined, size: number, x: Tensor): void {
  if (tensor && tensor.size !== size) {
    throw new RangeError(
      `Cannot apply a linear layer to ${describe(x)}: ${name} must have ${size} values, found ${describe(tensor)}`,
    );
  }
}

/** How to multiply matrices. */
export interface MatmulOptions {
  /** Which operand is transposed. @default {"NN"} */
  readonly form?: Form;
  /** Multiplies the product. @default {1} */
  readonly alpha?: number;
}

/**
 * Multiplies two batches of matrices; all dimensions but the last two must be the same in both.
 *
 * @param a `[..., m, k]`, or `[..., k, m]` in form TN.
 * @param b `[..., k, n]`, or `[..., n, k]` in form NT.
 * @returns `[..., m, n]`.
 * @throws {RangeError} If the shapes do not fit, or there is no such form.
 */
export function matmul(a: Tensor, b: Tensor, { form = "NN", alpha = 1 }: MatmulOptions = {}): Tensor {
  oneOf(form, Object.keys(FORMS), `Cannot multiply ${describe(a)} and ${describe(b)}: 'form'`);
  const lead = a.shape.slice(0, -2);
  const [m, k] = form === "TN" ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [n, inner] = form === "NT" ? b.shape.slice(-2) : b.shape.slice(-2).reverse();
  const matrices = a.shape.length >= 2 && b.shape.length >= 2;
  if (!matrices || inner !== k || lead.join() !== b.shape.slice(0, -2).join()) {
    throw new RangeError(
      `Cannot multiply ${describe(a)} and ${describe(b)} in form ${form}: the dimension that is summed and all but ` +
        "the last two must be the same in both",
    );
  }
  const batch = lead.reduce((count, length) => count * length, 1);
  return product(a, b, { form, m: m!, n: n!, k: k!, batch, alpha, shape: [...lead, m!, n!] });
}
