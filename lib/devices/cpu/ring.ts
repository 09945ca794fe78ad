import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import { checkRing } from "../check.ts";
import type { Ring } from "../device.ts";
import type { Block, Memory } from "./memory.ts";
import type { Threads } from "./threads.ts";

/** Rows of results that the host reads together. */
export class CPURing implements Ring {
  readonly width: number;
  readonly capacity: number;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #threads: Threads;
  readonly #block: Block;
  #pending = 0;

  constructor(width: number, capacity: number, memory: Memory, threads: Threads) {
    checkRing(width, capacity);
    this.width = width;
    this.capacity = capacity;
    this.memory = memory;
    this.#threads = threads;
    this.#block = memory.allocate("ring", width * capacity * BYTES_PER_ELEMENT);
  }

  get pending(): number {
    return this.#pending;
  }

  /** Returns the address of a row after the pending ones. */
  row(further: number): number {
    return this.#block.address + (this.#pending + further) * this.width * BYTES_PER_ELEMENT;
  }

  /** Counts rows as pending. */
  take(rows: number): void {
    this.#pending += rows;
  }

  async drain(): Promise<Float32Array<ArrayBuffer>[]> {
    if (this.#pending === 0) return [];
    return await this.#threads.finish(() => {
      const rows = Array.from(
        { length: this.#pending },
        (_, i) => this.memory.read(this.#block.address + i * this.width * BYTES_PER_ELEMENT, this.width),
      );
      this.#pending = 0;
      return rows;
    });
  }

  [Symbol.dispose](): void {
    this.#block[Symbol.dispose]();
  }
}
