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
import { type Engine, type EngineOptions, loadEngine } from "./engine.ts";
import { estimate } from "./lower.ts";
import { Memory, roundUp } from "./memory.ts";
import { CPUProgram } from "./program.ts";
import { CPUProfiler } from "./profile.ts";
import { CPURecorder, submissionBytes } from "./recorder.ts";
import { CPURing } from "./ring.ts";
import { Staging, stagingBytes } from "./staging.ts";
import { CPUStore } from "./store.ts";
import { Threads } from "./threads.ts";

/** How to use the processor. */
export interface CPUOptions extends EngineOptions {
  /** Threads that compute, at most 1024; 0 computes on the caller's own, which then blocks. @default all cores */
  readonly threads?: number;
  /** Bytes that all tensors may take. @default {4 GiB} */
  readonly memoryBytes?: number;
  /** Measures every instruction. @default {false} */
  readonly profile?: boolean;
  /** Why this device was chosen. @default {"it was asked for"} */
  readonly reason?: string;
}

/** A device that runs our WebAssembly kernels on the processor's cores. */
export class CPUDevice implements Device {
  readonly kind = "cpu";
  readonly name: string;
  readonly software = true;
  /** Threads that compute. */
  readonly threads: number;
  readonly reason: string;
  readonly maxBindingBytes = 2 ** 32;
  readonly counters: Counters;
  readonly profiler: CPUProfiler | undefined;
  readonly #memory: Memory;
  readonly #threads: Threads;
  readonly #staging: Staging;

  private constructor(engine: Engine, threads: Threads, counters: Counters, options: CPUOptions) {
    this.counters = counters;
    this.reason = options.reason ?? "it was asked for";
    // The number of threads is not part of the name: it changes no result.
    this.name = engine.relaxed ? "WebAssembly relaxed SIMD" : "WebAssembly SIMD";
    this.threads = threads.count;
    this.#threads = threads;
    const settle = () => threads.settle();
    this.#memory = new Memory(engine.memory, threads.heap, counters, options.memoryBytes, settle);
    this.#staging = new Staging(this.#memory, threads);
    if (options.profile) this.profiler = new CPUProfiler(this.#memory, threads);
  }

  /**
   * Starts the threads.
   *
   * @throws {RangeError} If `threads` is no whole number from 0 to 1024, or `memoryBytes` not above 0.
   * @throws {DeviceError} If the engine has no SIMD, or a thread does not start.
   */
  static async open(options: CPUOptions = {}): Promise<CPUDevice> {
    checkOptions(options);
    const { threads = navigator.hardwareConcurrency } = options;
    const counters = { buffers: 0, bindGroups: 0, pipelines: 0, submits: 0, waits: 0, bytes: 0 };
    const engine = await loadEngine(options);
    const started = await Threads.start(engine, engine.shared ? threads : 0, counters, options.wide);
    using opened = new DisposableStack(); // ends the threads if there is no memory for the rest
    opened.use(started);
    const device = new CPUDevice(engine, started, counters, options);
    opened.move();
    return device;
  }

  createStore(entries: readonly StoreEntry[]): Promise<Store> {
    return this.#attempt(() => new CPUStore(entries, this.#memory, this.#threads));
  }

  compile(plan: Plan, stores: Stores = []): Promise<Program> {
    return this.#attempt(() =>
      new CPUProgram({
        plan,
        stores: stores as Stores<CPUStore>,
        memory: this.#memory,
        threads: this.#threads,
        submit: (program: CPUProgram, inputs: Inputs) => this.submit((recorder) => recorder.run(program, inputs)),
      })
    );
  }

  estimate(plan: Plan): Estimate {
    return estimate(plan, this.#threads.count);
  }

  estimateTransfers({ commands, inputBytes, rings }: Transfers): number {
    return stagingBytes(submissionBytes(commands, inputBytes), this.#threads.depth) +
      rings.reduce((sum, values) => sum + roundUp(values * BYTES_PER_ELEMENT), 0);
  }

  createRing(width: number, capacity: number): Ring {
    this.#threads.check();
    return new CPURing(width, capacity, this.#memory, this.#threads);
  }

  submit(record: (recorder: Recorder) => void): void {
    this.#threads.check();
    this.#threads.serve();
    const recorder = new CPURecorder(this.#memory);
    record(recorder);
    this.#staging.send(recorder);
    this.profiler?.note(recorder.segments);
    this.counters.submits++;
  }

  async finish(): Promise<void> {
    await this.#threads.finish(() => {});
  }

  /** Runs what may throw as a promise, as devices do that must wait. */
  #attempt<T>(make: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#threads.check();
      resolve(make());
    });
  }

  [Symbol.dispose](): void {
    this.#threads[Symbol.dispose]();
  }
}
