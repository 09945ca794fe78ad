/**
 * Compiled kernels, each compiled once.
 *
 * @module
 */

import type { Dispatch, Kernel, KernelConstant } from "../../ops/dispatch.ts";
import type { Counters } from "../device.ts";
import { DeviceError, oneLine } from "../errors.ts";

/** A compiled kernel and the layout of its bindings. */
export interface Pipeline {
  readonly raw: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A storage binding in a kernel's text: its number and whether the kernel writes it. */
const STORAGE = /@binding\((\d+)\)\s*var<storage,\s*(read_write|read)>/g;

/** The text of a constant's declaration, put before a kernel's source. */
function declaration(name: string, value: KernelConstant): string {
  if (typeof value === "boolean") return `const ${name}: bool = ${value};\n`;
  if (typeof value === "number") return `const ${name}: u32 = ${value}u;\n`;
  return `const ${name}: f32 = ${Number.isInteger(value.f32) ? value.f32.toFixed(1) : value.f32}f;\n`;
}

/**
 * Compiles kernels once for each set of constants.
 *
 * Shapes are uniforms and no constants, so a new shape finds its pipelines here. Layouts are explicit, because an
 * automatic one drops bindings that a variant does not use.
 */
export class Pipelines {
  readonly #gpu: GPUDevice;
  readonly #counters: Counters;
  readonly #cache = new Map<string, Pipeline>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(gpu: GPUDevice, counters: Counters) {
    this.#gpu = gpu;
    this.#counters = counters;
  }

  /**
   * Returns the pipelines of the given launches, compiling those that are new. Compile errors show the kernel's name
   * and the compiler's own message.
   */
  async compile(dispatches: readonly Pick<Dispatch, "kernel" | "constants">[]): Promise<Pipeline[]> {
    const pipelines: Pipeline[] = [];
    for (const { kernel, constants } of dispatches) {
      const prefix = Object.entries(constants).map(([name, value]) => declaration(name, value)).join("");
      const code = prefix + kernel.source;
      let pipeline = this.#cache.get(code);
      if (!pipeline) this.#cache.set(code, pipeline = await this.#create(kernel, code));
      pipelines.push(pipeline);
    }
    return pipelines;
  }

  async #create(kernel: Kernel, code: string): Promise<Pipeline> {
    const writes: boolean[] = [];
    for (const [, binding, access] of code.matchAll(STORAGE)) writes[Number(binding) - 1] = access === "read_write";
    this.#gpu.pushErrorScope("validation");
    const layout = this.#layout(writes);
    const raw = this.#gpu.createComputePipeline({
      label: kernel.name,
      layout: this.#gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.#gpu.createShaderModule({ label: kernel.name, code }), entryPoint: "main" },
    });
    const error = await this.#gpu.popErrorScope();
    if (error) throw new DeviceError(`Cannot compile kernel '${kernel.name}': ${oneLine(error.message)}`);
    this.#counters.pipelines++;
    return { raw, layout };
  }

  #layout(writes: readonly boolean[]): GPUBindGroupLayout {
    const key = writes.map((write) => write ? "w" : "r").join("");
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#gpu.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform" } },
          ...writes.map((write, i): GPUBindGroupLayoutEntry => ({
            binding: i + 1,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: write ? "storage" : "read-only-storage" },
          })),
        ],
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
