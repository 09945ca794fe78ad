/**
 * Graphs: the record of a computation, before anything is computed.
 *
 * @module
 */

import type { Op } from "./op.ts";
import {
  ALIGNED_ELEMENTS,
  describe,
  type DType,
  type Role,
  sizeOf,
  type Tensor,
  type TensorSpec,
  typeOf,
} from "./tensor.ts";

/**
 * One application of an op with attributes `A`, inputs `I` and outputs `O`. Nodes run in an order that keeps every read
 * and write in its recorded place.
 */
export interface Node<
  // deno-lint-ignore no-explicit-any -- a graph holds nodes of any attributes; the op alone looks inside
  A = any,
  I extends readonly Tensor[] = readonly Tensor[],
  O extends readonly Tensor[] = readonly Tensor[],
> {
  /** Place in the recorded order. */
  readonly index: number;
  /** What is applied. */
  readonly op: Op<A, I, O>;
  /** Tensors that it reads. */
  readonly inputs: I;
  /** Tensors that it makes. */
  readonly outputs: O;
  /** Those of the inputs that the op changes in place. */
  readonly updates: readonly Tensor[];
  /** The op's attributes. */
  readonly attributes: A;
}

/** Data of a constant tensor. */
export type ConstantData = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/**
 * A list of ops over tensors of static shapes, recorded in the order in which they are applied.
 *
 * A graph knows no device. `differentiate` appends a backward pass to it, `plan` gives its tensors memory, and a device
 * compiles the plan into a program.
 */
export class Graph {
  /** All tensors, views included, in the order of their declaration. */
  readonly tensors: Tensor[] = [];
  /** All nodes, in the order of their application. */
  readonly nodes: Node[] = [];
  /** Values of the constant tensors. */
  readonly constants: Map<Tensor, ConstantData> = new Map();
  readonly #outputs = new Set<Tensor>();
  readonly #found = new Set<string>();

  /**
   * Declares a tensor that the host writes before each run.
   *
   * @throws {RangeError} If an input has this name already.
   */
  input(name: string, shape: readonly number[], dtype: DType = "f32"): Tensor {
    return this.#declareOnce(name, { shape, dtype }, "input");
  }

  /**
   * Declares memory that outlives the program; programs that use the same name share it.
   *
   * @throws {RangeError} If a persistent tensor has this name already.
   */
  persistent(name: string, shape: readonly number[], role: "parameter" | "gradient" | "state"): Tensor {
    return this.#declareOnce(name, { shape }, role);
  }

  /**
   * Adds a tensor whose values never change.
   *
   * @throws {TypeError} If the values are no Float32Array or Uint32Array.
   * @throws {RangeError} If they are not as many as the shape has.
   */
  constant(name: string, shape: readonly number[], data: ConstantData): Tensor {
    const found = typeOf(data);
    if (found !== "f32" && found !== "u32") {
      throw new TypeError(
        `Cannot add constant '${name}': values must be a Float32Array or a Uint32Array, found ${found}`,
      );
    }
    const size = sizeOf(shape);
    if (size !== data.length) {
      throw new RangeError(
        `Cannot add constant '${name}': shape [${shape.join(", ")}] needs ${size} values, found ${data.length}`,
      );
    }
    const tensor = this.#declare(name, { shape, dtype: found }, "constant");
    this.constants.set(tensor, data);
    return tensor;
  }

  /**
   * Names a contiguous part of a tensor. The part shares its memory, so writing one writes the other.
   *
   * @param offset Where the part starts in `base`, in elements; a multiple of 64, because devices bind at 256 bytes.
   */
  view(base: Tensor, name: string, offset: number, shape: readonly number[]): Tensor {
    if (offset < 0 || offset % ALIGNED_ELEMENTS !== 0 || offset + sizeOf(shape) > base.size) {
      throw new RangeError(
        `Cannot view ${describe(base)} as '${name}' [${shape.join(", ")}]: offset must be a multiple of ` +
          `${ALIGNED_ELEMENTS} and the part must end inside, found offset ${offset}`,
      );
    }
    return this.#declare(name, { shape, dtype: base.dtype }, base.role, base.base, base.offset + offset);
  }

  /** Applies an op and returns the tensors that it makes. Prefer the functions that the rooms of `lib/ops` export. */
  apply<A, I extends readonly Tensor[], O extends readonly Tensor[]>(
    op: Op<A, I, O>,
    inputs: NoInfer<I>,
    attributes: A,
  ): O {
    for (const tensor of inputs) {
      if (tensor.graph !== this) {
        throw new TypeError(`Cannot apply ${op.name}: ${describe(tensor)} is of another graph`);
      }
    }
    const specs: readonly TensorSpec[] = op.infer(inputs, attributes);
    const index = this.nodes.length;
    const outputs = specs.map((spec, i) => this.#declare(`${op.name}.${index}${i ? `.${i}` : ""}`, spec, "temporary"));
    const updates = (op.updates?.(inputs, attributes) ?? []).map((i) => inputs[i]!);
    this.nodes.push({ index, op, inputs, outputs, updates, attributes });
    return outputs as readonly Tensor[] as O;
  }

  /**
   * Keeps a tensor's memory to itself, so that it can be read after a run: for plans that are made afterwards. Returns
   * the same tensor.
   */
  output(tensor: Tensor): Tensor {
    if (tensor.role === "temporary") this.#outputs.add(tensor.base);
    return tensor;
  }

  /** Returns the tensor's role, with `output` for a temporary one that the host will read. */
  roleOf(tensor: Tensor): Role {
    return this.#outputs.has(tensor.base) ? "output" : tensor.role;
  }

  /** Two tensors that are found by one name would be set, or share their memory, without the plan's knowledge. */
  #declareOnce(name: string, spec: TensorSpec, role: Role): Tensor {
    const what = `${role === "input" ? "input" : "persistent tensor"} '${name}'`;
    if (this.#found.has(what)) {
      throw new RangeError(
        `Cannot declare ${what}: a name is declared once in a graph, found it a second time; use the first tensor, ` +
          "or another name",
      );
    }
    const tensor = this.#declare(name, spec, role);
    this.#found.add(what);
    return tensor;
  }

  #declare(name: string, spec: TensorSpec, role: Role, base?: Tensor, offset = 0): Tensor {
    for (const length of spec.shape) {
      if (!Number.isInteger(length) || length < 1) {
        throw new RangeError(
          `Cannot make tensor '${name}': every dimension must be a positive integer, found [${spec.shape.join(", ")}]`,
        );
      }
    }
    const id = this.tensors.length;
    const tensor: { -readonly [K in keyof Tensor]: Tensor[K] } = {
      id,
      name,
      shape: spec.shape,
      size: sizeOf(spec.shape),
      dtype: spec.dtype ?? "f32",
      role,
      graph: this,
      base: base as Tensor,
      offset,
    };
    tensor.base ??= tensor;
    this.tensors.push(tensor);
    return tensor;
  }
}
