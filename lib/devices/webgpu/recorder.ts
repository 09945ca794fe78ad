import { BYTES_PER_ELEMENT, type Tensor } from "../../graph/tensor.ts";
import { checkInput, checkMaker, checkRows, entryOf, inputOf } from "../check.ts";
import type { Inputs, Program, Recorder, Ring, Store } from "../device.ts";
import type { Memory } from "./memory.ts";
import type { WebGPUProfiler } from "./profile.ts";
import type { WebGPUProgram } from "./program.ts";
import type { WebGPURing } from "./ring.ts";
import type { WebGPUStore } from "./store.ts";
import type { Uploads } from "./uploads.ts";

interface Copy {
  readonly from: number;
  readonly to: GPUBuffer;
  readonly bytes: number;
}

type Command =
  | { readonly run: WebGPUProgram; readonly copies: readonly Copy[] }
  | { readonly clear: GPUBuffer }
  | { readonly ring: WebGPURing; readonly parts: readonly { buffer: GPUBuffer; offset: number; bytes: number }[] };

/** Notes what a submission does and encodes it: one encoder, and one compute pass for each run. */
export class WebGPURecorder implements Recorder {
  readonly #uploads: Uploads;
  readonly #memory: Memory;
  readonly #commands: Command[] = [];

  constructor(uploads: Uploads, memory: Memory) {
    this.#uploads = uploads;
    this.#memory = memory;
    uploads.discard();
  }

  run(program: Program, inputs: Inputs = {}): void {
    checkMaker("a program", program, this.#memory);
    const { inputs: declared } = program as WebGPUProgram;
    const copies = Object.entries(inputs).map(([name, data]): Copy => {
      const tensor = inputOf(declared, name);
      checkInput(tensor, data);
      const to = (program as WebGPUProgram).buffer(tensor).raw;
      return { from: this.#uploads.add(data), to, bytes: data.byteLength };
    });
    this.#commands.push({ run: program as WebGPUProgram, copies });
  }

  clear(store: Store, name: string): void {
    checkMaker(`store '${name}'`, store, this.#memory);
    const { size } = entryOf(store.entries, name, 0, 0);
    this.#commands.push({ clear: (store as WebGPUStore).buffer(name, size).raw });
  }

  keep(ring: Ring, program: Program, tensors: readonly Tensor[]): void {
    checkMaker("a ring", ring, this.#memory);
    checkMaker("a program", program, this.#memory);
    const parts = tensors.map((tensor) => ({
      buffer: (program as WebGPUProgram).readable(tensor).raw,
      offset: tensor.offset * BYTES_PER_ELEMENT,
      bytes: tensor.size * BYTES_PER_ELEMENT,
    }));
    const kept = this.#commands.filter((command) => "ring" in command && command.ring === ring).length;
    checkRows(ring as WebGPURing, kept + 1, parts.reduce((sum, { bytes }) => sum + bytes, 0) / BYTES_PER_ELEMENT);
    this.#commands.push({ ring: ring as WebGPURing, parts });
  }

  /** Writes the uploads and encodes everything noted. */
  encode(gpu: GPUDevice, profiler: WebGPUProfiler | undefined): GPUCommandBuffer {
    this.#uploads.flush(gpu);
    const encoder = gpu.createCommandEncoder();
    for (const command of this.#commands) {
      if ("run" in command) {
        for (const { from, to, bytes } of command.copies) {
          encoder.copyBufferToBuffer(this.#uploads.buffer, from, to, 0, bytes);
        }
        if (profiler && !profiler.full) profiler.encode(encoder, command.run.steps);
        else encodePass(encoder, command.run);
      } else if ("clear" in command) {
        encoder.clearBuffer(command.clear);
      } else {
        let to = command.ring.next();
        for (const { buffer, offset, bytes } of command.parts) {
          encoder.copyBufferToBuffer(buffer, offset, command.ring.buffer.raw, to, bytes);
          to += bytes;
        }
      }
    }
    return encoder.finish();
  }
}

function encodePass(encoder: GPUCommandEncoder, program: WebGPUProgram): void {
  const pass = encoder.beginComputePass();
  let current: GPUComputePipeline | undefined;
  for (const { pipeline, bindings, launch } of program.steps) {
    if (pipeline !== current) pass.setPipeline(current = pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...launch.groups);
  }
  pass.end();
}
