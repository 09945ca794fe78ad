/**
 * Where submissions lie while they are in flight.
 *
 * @module
 */

import { roundUp } from "./memory.ts";
import type { Block, Memory } from "./memory.ts";
import type { CPURecorder } from "./recorder.ts";
import type { Threads } from "./threads.ts";

const SMALLEST_BYTES = 4096;

/** Counts the bytes of the memory through which submissions of so many bytes go, `depth` of them at a time. */
export function stagingBytes(bytes: number, depth: number): number {
  return depth * roundUp(Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
}

/** A ring of places for submissions and the inputs that they carry; it grows to the largest one. */
export class Staging {
  readonly #memory: Memory;
  readonly #threads: Threads;
  #block: Block | undefined;

  constructor(memory: Memory, threads: Threads) {
    this.#memory = memory;
    this.#threads = threads;
  }

  /** Writes a submission and sends it. */
  send(recorder: CPURecorder): void {
    const needed = stagingBytes(recorder.bytes, this.#threads.depth);
    if (!this.#block || this.#block.bytes < needed) {
      this.#block?.[Symbol.dispose]();
      this.#block = undefined;
      this.#block = this.#memory.allocate("uploads", needed);
    }
    const { address, bytes } = this.#block;
    const at = address + this.#threads.place() * (bytes / this.#threads.depth);
    recorder.write(at);
    this.#threads.send(at);
  }
}
