/**
 * A plan that is ready to run: all its buffers and bind groups are made.
 *
 * @module
 */

import type { Graph } from "../../graph/graph.ts";
import type { Scratch, View } from "../../ops/dispatch.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT, type DType, isPersistent, type Tensor } from "../../graph/tensor.ts";
import { checkReadable, storeOf } from "../check.ts";
import type { Counters, Inputs, Program, Stores } from "../device.ts";
import { type Launch, type Lowered, UNIFORM_BYTES } from "./lower.ts";
import type { Buffer, Memory } from "./memory.ts";
import type { Pipeline } from "./pipelines.ts";
import type { WebGPUStore } from "./store.ts";
import type { Transfer } from "./transfer.ts";

const SLOT_USAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
const UNIFORM_USAGE = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;

/** What a launch needs when it is encoded: everything is made beforehand. */
export interface Step {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly launch: Launch;
}

/** What a program is made of and with. */
export interface ProgramParts {
  readonly plan: Plan;
  readonly lowered: Lowered;
  readonly pipelines: readonly Pipeline[];
  readonly stores: Stores<WebGPUStore>;
  readonly gpu: GPUDevice;
  readonly memory: Memory;
  readonly transfer: Transfer;
  readonly counters: Counters;
  readonly submit: (program: WebGPUProgram, inputs: Inputs) => void;
}

/** A plan with a buffer for each slot and a bind group for each launch. */
export class WebGPUProgram implements Program {
  readonly graph: Graph;
  readonly bytes: number;
  readonly steps: readonly Step[];
  /** Input tensors by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #plan: Plan;
  readonly #slots: readonly Buffer[];
  readonly #scratch: Buffer | undefined;
  readonly #owned: DisposableStack;
  readonly #stores: Stores<WebGPUStore>;
  readonly #transfer: Transfer;
  readonly #submit: ProgramParts["submit"];

  constructor(parts: ProgramParts) {
    const { plan, lowered, memory, transfer } = parts;
    this.graph = plan.graph;
    this.memory = memory;
    this.#plan = plan;
    this.#stores = parts.stores;
    this.#transfer = transfer;
    this.#submit = parts.submit;
    const { scratchBytes } = lowered;
    this.bytes = plan.slotBytes + scratchBytes + lowered.uniforms.length * UNIFORM_BYTES;
    memory.reserve("the program", this.bytes);
    using owned = new DisposableStack(); // frees what was allocated if the rest fails
    this.#slots = plan.slots.map((bytes, i) => owned.use(memory.allocate(`slot ${i}`, bytes, SLOT_USAGE)));
    if (scratchBytes > 0) this.#scratch = owned.use(memory.allocate("scratch", scratchBytes, GPUBufferUsage.STORAGE));
    const uniforms = owned.use(memory.allocate("uniforms", lowered.uniforms.length * UNIFORM_BYTES, UNIFORM_USAGE));
    const words = new Uint32Array(lowered.uniforms.length * UNIFORM_BYTES / 4);
    lowered.uniforms.forEach((block, i) => words.set(block, i * UNIFORM_BYTES / 4));
    transfer.upload(uniforms, words);
    for (const [tensor, data] of plan.graph.constants) {
      if (plan.slotOf.has(tensor)) transfer.upload(this.buffer(tensor), data);
    }
    this.steps = lowered.launches.map((launch, i) => {
      const pipeline = parts.pipelines[i]!;
      parts.counters.bindGroups++;
      const uniform = {
        buffer: uniforms.raw,
        offset: lowered.uniformOf[i]! * UNIFORM_BYTES,
        size: UNIFORM_BYTES,
      };
      const bindings = parts.gpu.createBindGroup({
        label: launch.kernel.name,
        layout: pipeline.layout,
        entries: [
          { binding: 0, resource: uniform },
          ...launch.bindings.map((view, j) => ({ binding: j + 1, resource: this.#binding(view) })),
        ],
      });
      return { pipeline: pipeline.raw, bindings, launch };
    });
    this.inputs = new Map(
      plan.graph.tensors.filter((t) => t.role === "input" && plan.slotOf.has(t)).map((t) => [t.name, t]),
    );
    this.#owned = owned.move();
  }

  get launches(): number {
    return this.steps.length;
  }

  /** Returns the buffer that holds a tensor, or the tensor that it is a view of. */
  buffer(tensor: Tensor): Buffer {
    const { base } = tensor;
    if (isPersistent(base.role)) {
      const { store, entry } = storeOf(this.#stores, base.name, this.memory);
      return store.buffer(entry, base.size);
    }
    const slot = this.#plan.slotOf.get(base);
    if (slot === undefined) throw new RangeError(`Cannot access '${tensor.name}': no node of the graph uses it`);
    return this.#slots[slot]!;
  }

  run(inputs: Inputs = {}): void {
    this.#submit(this, inputs);
  }

  /** Returns the buffer of a tensor that still holds its values after a run. */
  readable(tensor: Tensor, dtype: DType = "f32"): Buffer {
    checkReadable(this.#plan, tensor, dtype);
    return this.buffer(tensor);
  }

  async read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array(await this.#read(tensor, "f32"));
  }

  async readU32(tensor: Tensor): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array(await this.#read(tensor, "u32"));
  }

  async #read(tensor: Tensor, dtype: DType): Promise<ArrayBuffer> {
    const [offset, bytes] = [tensor.offset * BYTES_PER_ELEMENT, tensor.size * BYTES_PER_ELEMENT];
    return await this.#transfer.download(this.readable(tensor, dtype), offset, bytes);
  }

  #binding(view: View | Scratch): GPUBufferBinding {
    if ("scratch" in view) return { buffer: this.#scratch!.raw, size: view.scratch * BYTES_PER_ELEMENT };
    const { tensor, offset, size } = view;
    const buffer = this.buffer(tensor);
    const start = (tensor.offset + offset) * BYTES_PER_ELEMENT;
    // Rounded up to whole vectors of four; slots and pages are padded, so the buffer always reaches that far.
    const bytes = Math.ceil(size * BYTES_PER_ELEMENT / 16) * 16;
    return { buffer: buffer.raw, offset: start, size: Math.min(bytes, buffer.bytes - start) };
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
