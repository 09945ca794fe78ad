/**
 * The threads that run submissions.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import type { Counters } from "../device.ts";
import { DeviceError, disposedOf, oneLine } from "../errors.ts";
import { Control } from "./control.ts";
import { type Engine, instantiate, type KernelExports } from "./engine.ts";
import type { ThreadData } from "./worker.ts";

/** Runs submissions in order, on threads of its own or, where they cannot share memory, on the host's. */
export class Threads implements Disposable {
  /** Threads that compute. */
  readonly count: number;
  /** Submissions that may be in flight. */
  readonly depth: number;
  /** Where heap blocks may begin. */
  readonly heap: number;
  readonly #kernels: KernelExports;
  readonly #control: Control;
  readonly #counters: Counters;
  readonly #workers: Worker[] = [];
  #failure: DeviceError | undefined;
  /** What those do who wait, once nothing runs any more. */
  readonly #readers: (() => void)[] = [];
  #waiting = false;
  #sent = 0;

  private constructor({ module, memory }: Engine, count: number, counters: Counters) {
    this.#kernels = instantiate(module, memory);
    this.#control = new Control(this.#kernels, memory);
    this.#counters = counters;
    this.count = count;
    this.depth = this.#control.depth;
    this.heap = this.#control.heap;
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
    threads.#control.store("WIDE", wide ? 1 : 0);
    try {
      await Promise.all(Array.from({ length: count }, (_, i) => threads.#startOne(engine, i)));
    } catch (error) {
      threads.#control.quit();
      const found = oneLine(error instanceof Error ? error.message : String(error));
      throw new DeviceError(`Cannot open device 'cpu': all threads must start, found '${found}'; lower --threads`);
    } finally {
      threads.#hold(false);
    }
    return threads;
  }

  #startOne({ module, memory }: Engine, thread: number): Promise<void> {
    const workerData: ThreadData = { module, memory, thread, threads: this.count };
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
    this.#workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.once("message", (failure: string) => failure ? reject(new Error(failure)) : resolve());
      worker.on("error", (error) => {
        this.#control.fail(error);
        reject(error);
      });
    });
  }

  /** Waits, if it must, until there is room for one more submission, and returns its place in the queue. */
  place(): number {
    this.#block(this.depth - 1);
    this.check();
    return (this.#sent >>> 0) % this.depth;
  }

  /** Sends the submission at an address to the place that `place` returned. */
  send(address: number): void {
    this.#control.store("QUEUE", address, (this.#sent >>> 0) % this.depth);
    this.#sent = (this.#sent + 1) | 0;
    this.#control.store("SUBMITTED", this.#sent);
    if (this.#workers.length) this.#control.wake("SUBMITTED");
    else this.#runHere();
  }

  #runHere(): void {
    try {
      this.#kernels.runAll();
    } catch (error) {
      this.#control.fail(error);
    }
    this.check();
  }

  /**
   * Waits until what was submitted so far has run, without blocking the host.
   *
   * @param read Looks at the memory in that moment: nothing that is submitted, written or freed after the call changes
   *   what it finds.
   */
  finish<T>(read: () => T): Promise<T> {
    this.#counters.waits++;
    const result = new Promise<T>((resolve, reject) => {
      this.#readers.push(() => {
        try {
          this.check();
          resolve(read());
        } catch (error) {
          reject(error);
        }
      });
    });
    if (!this.#waiting) this.#serveWhenIdle();
    return result;
  }

  /** Waits, if anybody reads, until they have what they asked for: before more is submitted. */
  serve(): void {
    if (this.#readers.length) this.settle();
  }

  /** Waits until nothing runs any more, and blocks the host: before memory is changed or freed. */
  settle(): void {
    this.#block(0);
    for (const read of this.#readers.splice(0)) read();
  }

  async #serveWhenIdle(): Promise<void> {
    this.#hold(true);
    for (let left = this.#left; left > 0 && this.#readers.length; left = this.#left) {
      await this.#control.waitAsync("COMPLETED", (this.#sent - left) | 0);
    }
    this.#hold(false);
    this.serve();
  }

  /** Throws what a thread failed with. */
  check(): void {
    if (this.#control.failed) {
      const found = oneLine(this.#control.failure);
      this.#failure ??= new DeviceError(
        `Device failed: a kernel stopped: ${found}; continue from the last checkpoint with --resume auto`,
      );
    }
    if (this.#failure) throw this.#failure;
  }

  /** Asks for a timestamp after each instruction, in this part of the memory. */
  time(address: number, bytes: number): void {
    this.#control.store("TIMES_END", address + bytes);
    this.#control.store("TIMES", address);
  }

  /** Where the next timestamp goes. */
  get timed(): number {
    return this.#control.load("TIMES") >>> 0;
  }

  /** Submissions in flight; both counts wrap around. */
  get #left(): number {
    return (this.#sent - this.#control.load("COMPLETED")) | 0;
  }

  /** Blocks until at most `most` submissions are in flight, or a thread has failed. */
  #block(most: number): void {
    for (let left = this.#left; left > most && !this.#control.failed; left = this.#left) {
      this.#control.wait("COMPLETED", (this.#sent - left) | 0);
    }
  }

  /** Keeps the process alive while somebody waits, and only then: a program that forgets its device still ends. */
  #hold(waiting: boolean): void {
    this.#waiting = waiting;
    for (const worker of this.#workers) waiting ? worker.ref() : worker.unref();
  }

  /** Waits for what runs, and ends the threads. */
  [Symbol.dispose](): void {
    this.settle();
    this.#failure ??= disposedOf("the device", "open another one");
    this.#control.quit();
  }
}
