/**
 * A plan that is ready to run: its memory is allocated and its tape written.
 *
 * @module
 */

import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT, type DType, isPersistent, type Tensor } from "../../graph/tensor.ts";
import { checkReadable, storeOf } from "../check.ts";
import type { Inputs, Program, Stores } from "../device.ts";
import { DeviceError } from "../errors.ts";
import { type Layout, layOut, lower, type Step, writeTape } from "./lower.ts";
import type { Block, Memory } from "./memory.ts";
import type { CPUStore } from "./store.ts";
import type { Threads } from "./threads.ts";

/** What a program is made of and with. */
export interface ProgramParts {
  readonly plan: Plan;
  readonly stores: Stores<CPUStore>;
  readonly memory: Memory;
  readonly threads: Threads;
  readonly submit: (program: CPUProgram, inputs: Inputs) => void;
}

/** What the threads need to walk a tape. */
export interface Tape {
  readonly address: number;
  readonly length: number;
  /** Scratch memory of the first thread, and the distance to that of the next. */
  readonly scratch: number;
  readonly stride: number;
}

/** A plan in one block: its slots, its tape and the scratch memory of its kernels. */
export class CPUProgram implements Program {
  readonly graph: Graph;
  readonly bytes: number;
  readonly steps: readonly Step[];
  /** Input tensors by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #parts: ProgramParts;
  readonly #layout: Layout;
  readonly #block: Block;
  /** Blocks of the stores that the tape reaches. */
  readonly #shared = new Set<Block>();
  readonly #stride: number;

  constructor(parts: ProgramParts) {
    const { plan, memory, threads } = parts;
    this.#parts = parts;
    this.memory = memory;
    this.graph = plan.graph;
    const lowered = lower(plan);
    this.steps = lowered.steps;
    this.#layout = layOut(plan, lowered, threads.count);
    this.bytes = this.#layout.bytes;
    this.#block = memory.allocate("the program", this.bytes);
    this.#stride = lowered.threadBytes;
    const { address } = this.#block;
    try {
      for (const [tensor, data] of plan.graph.constants) {
        if (plan.slotOf.has(tensor)) memory.write(this.address(tensor), data);
      }
      const written = writeTape(lowered, this.#layout, address, (step, operand) => this.#operand(step, operand));
      memory.write(address + this.#layout.tape, written.tape);
      memory.write(address + this.#layout.parameters, written.parameters);
    } catch (error) {
      this.#block[Symbol.dispose]();
      throw error;
    }
    this.inputs = new Map(
      plan.graph.tensors.filter((t) => t.role === "input" && plan.slotOf.has(t)).map((t) => [t.name, t]),
    );
  }

  get launches(): number {
    return this.steps.length;
  }

  /** What the threads need to walk. Throws if any of its memory was freed, as they would write to what is not theirs. */
  get tape(): Tape {
    const { address } = this.#block;
    for (const block of this.#shared) void block.address;
    const { tape, threads } = this.#layout;
    return { address: address + tape, length: this.steps.length, scratch: address + threads, stride: this.#stride };
  }

  /** Returns where a tensor begins. */
  address(tensor: Tensor): number {
    const { base } = tensor;
    const offset = tensor.offset * BYTES_PER_ELEMENT;
    if (isPersistent(base.role)) {
      const { store, entry } = storeOf(this.#parts.stores, base.name, this.memory);
      const block = store.block(entry, base.size);
      this.#shared.add(block);
      return block.address + offset;
    }
    const slot = this.#parts.plan.slotOf.get(base);
    if (slot === undefined) throw new RangeError(`Cannot access '${tensor.name}': no node of the graph uses it`);
    return this.#block.address + this.#layout.slots[slot]! + offset;
  }

  /** Returns where a tensor begins that still holds its values after a run. */
  readable(tensor: Tensor, dtype: DType = "f32"): number {
    checkReadable(this.#parts.plan, tensor, dtype);
    return this.address(tensor);
  }

  run(inputs: Inputs = {}): void {
    this.#parts.submit(this, inputs);
  }

  async read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return await this.#read(tensor, "f32");
  }

  async readU32(tensor: Tensor): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array((await this.#read(tensor, "u32")).buffer);
  }

  async #read(tensor: Tensor, dtype: DType): Promise<Float32Array<ArrayBuffer>> {
    this.readable(tensor, dtype);
    return await this.#parts.threads.finish(() => this.memory.read(this.address(tensor), tensor.size));
  }

  /** The kernels trust their addresses, so that what lies outside of a tensor is refused here. */
  #operand({ kernel, operands }: Step, i: number): number {
    const { tensor, offset, size } = operands[i]!;
    if (offset < 0 || size < 0 || offset + size > tensor.size) {
      throw new DeviceError(
        `Cannot compile '${kernel}': operand ${i} must lie within '${tensor.name}' of ${tensor.size} values, ` +
          `found ${offset} to ${offset + size}`,
      );
    }
    return this.address(tensor) + offset * BYTES_PER_ELEMENT;
  }

  [Symbol.dispose](): void {
    this.#block[Symbol.dispose]();
  }
}
