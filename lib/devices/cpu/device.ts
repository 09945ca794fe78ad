import type { Plan } from "../../graph/plan.ts";
import type { Counters, Device, Estimate, Inputs, Program, Recorder, Ring, Store, StoreEntry } from "../device.ts";
import { type Engine, type EngineOptions, loadEngine } from "./engine.ts";
import { estimate } from "./lower.ts";
import { Memory } from "./memory.ts";
import { CPUProgram } from "./program.ts";
import { CPURecorder } from "./recorder.ts";
import { CPURing } from "./ring.ts";
import { Staging } from "./staging.ts";
import { CPUStore } from "./store.ts";
import { Threads } from "./threads.ts";

/** How to use the processor. */
export interface CPUOptions extends EngineOptions {
  /** Threads that compute; 0 computes on the caller's own, which then blocks. @default all cores */
  readonly threads?: number;
  /** Bytes that all tensors may take. @default {4 GiB} */
  readonly memoryBytes?: number;
  /** Measures every instruction. @default {false} */
  readonly profile?: boolean;
}

/** A device that runs our WebAssembly kernels on the processor's cores. */
export class CPUDevice implements Device {
  readonly kind = "cpu";
  readonly name: string;
  readonly software = true;
  readonly reason: string;
  readonly counters: Counters;
  readonly #memory: Memory;
  readonly #threads: Threads;
  readonly #staging: Staging;

  private constructor(engine: Engine, threads: Threads, counters: Counters, options: CPUOptions, reason: string) {
    this.counters = counters;
    this.reason = reason;
    const simd = engine.relaxed ? "relaxed SIMD" : "SIMD";
    this.name = `WebAssembly ${simd}, ${threads.count} ${threads.count === 1 ? "thread" : "threads"}`;
    this.#threads = threads;
    const settle = () => threads.settle();
    this.#memory = new Memory(engine.memory, threads.heap, counters, options.memoryBytes, settle);
    this.#staging = new Staging(this.#memory, threads);
  }

  /**
   * Starts the threads.
   *
   * @param reason Why this device was chosen.
   * @throws {RangeError} If `threads` is no whole number from 0.
   * @throws {DeviceError} If the engine has no SIMD, or a thread does not start.
   */
  static async open(options: CPUOptions = {}, reason = "it was asked for"): Promise<CPUDevice> {
    const { threads = navigator.hardwareConcurrency } = options;
    if (!Number.isInteger(threads) || threads < 0) {
      throw new RangeError(`Cannot open device: 'threads' must be a whole number from 0, found ${threads}`);
    }
    const counters = { buffers: 0, bindGroups: 0, pipelines: 0, submits: 0, waits: 0, bytes: 0 };
    const engine = await loadEngine(options);
    const started = await Threads.start(engine, engine.shared ? threads : 0, counters, options.wide);
    return new CPUDevice(engine, started, counters, options, reason);
  }

  createStore(entries: readonly StoreEntry[]): Promise<Store> {
    this.#threads.check();
    return attempt(() => new CPUStore(entries, this.#memory, this.#threads));
  }

  compile(plan: Plan, stores: readonly Store[] = []): Promise<Program> {
    this.#threads.check();
    return attempt(() =>
      new CPUProgram({
        plan,
        stores: stores as readonly CPUStore[],
        memory: this.#memory,
        threads: this.#threads,
        submit: (program: CPUProgram, inputs: Inputs) => this.submit((recorder) => recorder.run(program, inputs)),
      })
    );
  }

  estimate(plan: Plan): Estimate {
    return estimate(plan, this.#threads.count);
  }

  createRing(width: number, capacity: number): Ring {
    this.#threads.check();
    return new CPURing(width, capacity, this.#memory, this.#threads);
  }

  submit(record: (recorder: Recorder) => void): void {
    this.#threads.check();
    const recorder = new CPURecorder();
    record(recorder);
    this.#staging.send(recorder);
    this.counters.submits++;
  }

  async finish(): Promise<void> {
    await this.#threads.finish();
  }

  [Symbol.dispose](): void {
    this.#threads[Symbol.dispose]();
  }
}

/** Runs what may throw as a promise, as devices do that must wait. */
function attempt<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}
