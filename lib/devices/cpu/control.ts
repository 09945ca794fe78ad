/**
 * How the host and the threads talk: through words in the memory that they share.
 *
 * @module
 */

import type { KernelExports } from "./engine.ts";

/** A word of `control.as.ts`, which says what each of them is for. */
export type Word =
  | "SUBMITTED"
  | "COMPLETED"
  | "QUIT"
  | "FAILED"
  | "TIMES"
  | "TIMES_END"
  | "WIDE"
  | "QUEUE";

/** Reads and writes the words by their names. */
export class Control {
  /** Submissions that may be in flight. */
  readonly depth: number;
  /** Where memory for all else begins. */
  readonly heap: number;
  readonly #kernels: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #view: Int32Array;

  constructor(kernels: KernelExports, memory: WebAssembly.Memory) {
    this.depth = kernels.QUEUE_LENGTH.value;
    this.heap = kernels.HEAP.value;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#view = new Int32Array(memory.buffer, 0, this.heap / 4);
  }

  /** Reads a word. */
  load(word: Word): number {
    return Atomics.load(this.#words, this.#index(word));
  }

  /** Writes a word, or the one `further` words after it. */
  store(word: Word, value: number, further = 0): void {
    Atomics.store(this.#words, this.#index(word) + further, value);
  }

  /** Wakes those who wait for a word to change. */
  wake(word: Word): void {
    Atomics.notify(this.#words, this.#index(word));
  }

  /** Blocks while a word has a value. */
  wait(word: Word, value: number): void {
    Atomics.wait(this.#words, this.#index(word), value);
  }

  /** Waits without blocking while a word has a value. */
  async waitAsync(word: Word, value: number): Promise<void> {
    const { async, value: changed } = Atomics.waitAsync(this.#words, this.#index(word), value);
    if (async) await changed;
  }

  /** Asks the threads to end. */
  quit(): void {
    this.store("QUIT", 1);
    Atomics.add(this.#words, this.#index("SUBMITTED"), 1);
    this.wake("SUBMITTED");
  }

  /** Ends all threads because one of them, or the host in their place, failed; the first failure counts. */
  fail(error: unknown): void {
    if (Atomics.compareExchange(this.#words, this.#index("QUIT"), 0, 1) !== 0) return;
    const message = new TextEncoder().encode(error instanceof Error && error.message || String(error));
    const start = this.#kernels.MESSAGE.value;
    const part = message.subarray(0, this.heap - start);
    new Uint8Array(this.#memory.buffer, start, part.length).set(part);
    this.store("FAILED", part.length);
    // Nothing more will be completed, and nobody shall wait for it.
    this.store("COMPLETED", this.load("SUBMITTED"));
    this.wake("COMPLETED");
  }

  /** Whether a thread has failed. */
  get failed(): boolean {
    return this.load("FAILED") !== 0;
  }

  /** What it failed with. */
  get failure(): string {
    const bytes = this.load("FAILED");
    return new TextDecoder().decode(new Uint8Array(this.#memory.buffer, this.#kernels.MESSAGE.value, bytes).slice());
  }

  /** A memory that is not shared moves when it grows. */
  get #words(): Int32Array {
    if (this.#view.length === 0) this.#view = new Int32Array(this.#memory.buffer, 0, this.heap / 4);
    return this.#view;
  }

  #index(word: Word): number {
    return this.#kernels[word].value / 4;
  }
}
