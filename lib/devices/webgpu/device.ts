import type { Target } from "../../ops/dispatch.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import type {
  Counters,
  Device,
  Estimate,
  Inputs,
  Program,
  Recorder,
  Ring,
  Store,
  StoreEntry,
  Stores,
  Transfers,
} from "../device.ts";
import { checkOptions } from "../check.ts";
import { DeviceError, oneLine } from "../errors.ts";
import { openAdapter, type Opened, type WebGPUOptions } from "./adapter.ts";
import { ErrorWatch } from "./errors.ts";
import { estimate, lower } from "./lower.ts";
import { bufferBytes, Memory } from "./memory.ts";
import { Pipelines } from "./pipelines.ts";
import { WebGPUProfiler } from "./profile.ts";
import { WebGPUProgram } from "./program.ts";
import { WebGPURecorder } from "./recorder.ts";
import { WebGPURing } from "./ring.ts";
import { WebGPUStore } from "./store.ts";
import { Transfer } from "./transfer.ts";
import { uploadCapacity, Uploads } from "./uploads.ts";

/** A device that runs our WGSL kernels on Deno's WebGPU. */
export class WebGPUDevice implements Device {
  readonly kind = "webgpu";
  readonly name: string;
  readonly software: boolean;
  readonly reason: string;
  readonly gpu: GPUDevice;
  readonly target: Target;
  readonly maxBindingBytes: number;
  readonly counters: Counters = { buffers: 0, bindGroups: 0, pipelines: 0, submits: 0, waits: 0, bytes: 0 };
  readonly profiler: WebGPUProfiler | undefined;
  readonly #memory: Memory;
  readonly #transfer: Transfer;
  readonly #pipelines: Pipelines;
  readonly #watch: ErrorWatch;
  readonly #uploads: Uploads;

  private constructor({ gpu, name, software, subgroupSize }: Opened, options: WebGPUOptions) {
    this.gpu = gpu;
    this.name = name;
    this.software = software;
    this.reason = options.reason ?? "it was asked for";
    const { tiled = "auto" } = options;
    const limit = gpu.limits.maxStorageBufferBindingSize;
    this.target = {
      maxBindingBytes: Math.min(options.maxBindingBytes ?? limit, limit),
      subgroupSize,
      unrolled: options.unrolled ?? !software,
      tiled: tiled === "auto" ? () => !software : (op) => tiled.includes(op),
    };
    this.maxBindingBytes = this.target.maxBindingBytes;
    this.#watch = new ErrorWatch(gpu);
    this.#memory = new Memory(gpu, this.counters, software ? options.memoryBytes : undefined);
    this.#transfer = new Transfer(gpu, this.#memory, this.counters, this.#watch);
    this.#pipelines = new Pipelines(gpu, this.counters);
    this.#uploads = new Uploads(this.#memory);
    if (options.profile) this.profiler = new WebGPUProfiler(gpu, this.#memory, this.#transfer);
  }

  /**
   * Opens the adapter that WebGPU offers.
   *
   * @throws {RangeError} If a limit is not above 0, or `tiled` names an op that has no such kernels.
   * @throws {DeviceError} If there is no adapter, or it cannot time what is to be profiled.
   */
  static async open(options: WebGPUOptions = {}): Promise<WebGPUDevice> {
    checkOptions(options);
    return new WebGPUDevice(await openAdapter(options), options);
  }

  async createStore(entries: readonly StoreEntry[]): Promise<Store> {
    this.#watch.check();
    return await this.#memory.guard("parameters", () => new WebGPUStore(entries, this.#memory, this.#transfer));
  }

  estimate(plan: Plan): Estimate {
    return estimate(plan, this.target);
  }

  estimateTransfers({ inputBytes, rings }: Transfers): number {
    return uploadCapacity(inputBytes) + rings.reduce((sum, values) => sum + bufferBytes(values * BYTES_PER_ELEMENT), 0);
  }

  async compile(plan: Plan, stores: Stores = []): Promise<Program> {
    this.#watch.check();
    const lowered = lower(plan, this.target);
    const pipelines = await this.#pipelines.compile(lowered.launches);
    this.gpu.pushErrorScope("validation");
    const made = this.#memory.guard("the program", () =>
      new WebGPUProgram({
        plan,
        lowered,
        pipelines,
        stores: stores as Stores<WebGPUStore>,
        gpu: this.gpu,
        memory: this.#memory,
        transfer: this.#transfer,
        counters: this.counters,
        submit: (program: WebGPUProgram, inputs: Inputs) => this.submit((recorder) => recorder.run(program, inputs)),
      }));
    // Scopes are a stack: what is compiled at the same time would take this one if anything were waited for first.
    const [program, error] = await Promise.all([made, this.gpu.popErrorScope()]);
    if (error) {
      program[Symbol.dispose]();
      throw new DeviceError(`Cannot compile the program: ${oneLine(error.message)}`);
    }
    return program;
  }

  createRing(width: number, capacity: number): Ring {
    this.#watch.check();
    return new WebGPURing(width, capacity, this.#memory, this.#transfer);
  }

  submit(record: (recorder: Recorder) => void): void {
    this.#watch.check();
    const recorder = new WebGPURecorder(this.#uploads, this.#memory);
    record(recorder);
    this.gpu.queue.submit([recorder.encode(this.gpu, this.profiler)]);
    this.counters.submits++;
    this.#watch.check();
  }

  async finish(): Promise<void> {
    this.counters.waits++;
    await this.gpu.queue.onSubmittedWorkDone();
    this.#watch.check();
  }

  [Symbol.dispose](): void {
    this.profiler?.[Symbol.dispose]();
    this.#uploads[Symbol.dispose]();
    this.#watch.close();
    this.gpu.destroy();
  }
}
