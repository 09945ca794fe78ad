/**
 * The threads that run submissions, and how the host talks to them: through words in the memory that they share.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { DeviceError } from "../errors.ts";
import type { Counters } from "../device.ts";
import { type Engine, instantiate, type KernelExports } from "./engine.ts";
import type { ThreadData } from "./worker.ts";

/** Milliseconds after which the host looks by itself whether the threads are done. */
const LOOK_MS = 1000;

/** Runs submissions in order, on threads of its own or, where they cannot share memory, on the host's. */
export class Threads implements Disposable {
  /** Threads that compute. */
  readonly count: number;
  /** Submissions that may be in flight. */
  readonly depth: number;
  readonly #kernels: KernelExports;
  readonly #words: Int32Array;
  readonly #counters: Counters;
  readonly #workers: Worker[] = [];
  #failure: DeviceError | undefined;
  #waiting = 0;
  #sent = 0;

  private constructor(engine: Engine, count: number, counters: Counters) {
    this.count = count;
    this.#counters = counters;
    this.#kernels = instantiate(engine.module, engine.memory);
    this.#words = new Int32Array(engine.memory.buffer, 0, this.#kernels.HEAP.value / 4);
    this.depth = this.#kernels.QUEUE_LENGTH.value;
  }

  /**
   * Starts threads.
   *
   * @param count How many; 0 runs everything on the host's own thread, which then blocks.
   * @param wide Whether to use kernels for eight lanes. @default {false}
   * @throws {DeviceError} If one does not start.
   */
  static async start(engine: Engine, count: number, counters: Counters, wide = false): Promise<Threads> {
    const threads = new Threads(engine, Math.max(1, count), counters);
    threads.#words[threads.#kernels.WIDE.value / 4] = wide ? 1 : 0;
    try {
      await Promise.all(Array.from({ length: count }, (_, i) => threads.#startOne(engine, i)));
    } catch (error) {
      threads[Symbol.dispose]();
      throw error;
    }
    return threads;
  }

  #startOne({ module, memory }: Engine, thread: number): Promise<void> {
    const workerData: ThreadData = { module, memory, thread, threads: this.count };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.once("message", () => {
        if (!this.#waiting) worker.unref(); // a program that forgets its device still ends
        resolve();
      });
      worker.on("error", (error) => {
        this.#failure ??= new DeviceError(
          `Cannot go on: thread ${thread} of the CPU device failed: ${messageOf(error)}`,
        );
        this.#quit();
        reject(this.#failure);
      });
    });
  }

  /** Where heap blocks may begin. */
  get heap(): number {
    return this.#kernels.HEAP.value;
  }

  /** Submissions sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Waits, if it must, until there is room for one more submission, and returns its place in the queue. */
  place(): number {
    this.check();
    this.#block(this.depth - 1);
    return (this.#sent >>> 0) % this.depth;
  }

  /** Sends the submission at an address to the place that `place` returned. */
  send(address: number): void {
    this.#words[this.#kernels.QUEUE.value / 4 + (this.#sent >>> 0) % this.depth] = address;
    this.#sent = (this.#sent + 1) | 0;
    const at = this.#kernels.SUBMITTED.value / 4;
    Atomics.store(this.#words, at, this.#sent);
    if (this.#workers.length) Atomics.notify(this.#words, at);
    else this.#runHere();
  }

  #runHere(): void {
    try {
      this.#kernels.runAll();
    } catch (error) {
      this.#failure = new DeviceError(`Cannot go on: a kernel of the CPU device failed: ${messageOf(error)}`);
      throw this.#failure;
    }
  }

  /** Waits until all submissions have run, without blocking the host. */
  async finish(): Promise<void> {
    this.#counters.waits++;
    const target = this.#sent;
    this.#hold(1);
    try {
      for (let left = this.#left(target); left > 0; left = this.#left(target)) {
        this.check();
        const at = this.#kernels.COMPLETED.value / 4;
        const result = Atomics.waitAsync(this.#words, at, (target - left) | 0, LOOK_MS);
        if (result.async) await result.value;
      }
    } finally {
      this.#hold(-1);
    }
    this.check();
  }

  /** Waits until all submissions have run, and blocks the host: before memory is changed or freed. */
  settle(): void {
    this.#block(0);
  }

  /** Throws what a thread failed with. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Asks for a timestamp after each instruction, in this part of the memory; 0 asks for none. */
  time(address: number, bytes: number): void {
    this.#words[this.#kernels.TIMES_END.value / 4] = address + bytes;
    this.#words[this.#kernels.TIMES.value / 4] = address;
  }

  /** Where the next timestamp goes. */
  get timed(): number {
    return this.#words[this.#kernels.TIMES.value / 4]! >>> 0;
  }

  #left(target: number): number {
    return (target - Atomics.load(this.#words, this.#kernels.COMPLETED.value / 4)) | 0;
  }

  /** Blocks until at most `most` submissions are in flight, or a thread has failed. */
  #block(most: number): void {
    const at = this.#kernels.COMPLETED.value / 4;
    for (let left = this.#left(this.#sent); left > most && !this.#failure; left = this.#left(this.#sent)) {
      Atomics.wait(this.#words, at, (this.#sent - left) | 0, LOOK_MS);
    }
  }

  /** Keeps the process alive while somebody waits. */
  #hold(change: 1 | -1): void {
    this.#waiting += change;
    for (const worker of this.#workers) this.#waiting ? worker.ref() : worker.unref();
  }

  #quit(): void {
    const { QUIT, SUBMITTED, GENERATION, COMPLETED } = this.#kernels;
    Atomics.store(this.#words, QUIT.value / 4, 1);
    for (const word of [SUBMITTED, GENERATION, COMPLETED]) Atomics.notify(this.#words, word.value / 4);
  }

  [Symbol.dispose](): void {
    if (!this.#failure) this.settle();
    this.#quit();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
