/**
 * Inputs on their way to the device.
 *
 * @module
 */

import type { Buffer, Memory } from "./memory.ts";

const SMALLEST_BYTES = 4096;

/** Returns the size of the buffer through which so many bytes of inputs go in one submission: a power of two. */
export function uploadCapacity(bytes: number): number {
  return Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
}

/**
 * Inputs of all runs of a submission, uploaded in one call and copied to their tensors on the device, so that a program
 * can run several times in one submission with different inputs.
 */
export class Uploads {
  readonly #memory: Memory;
  #host = new Uint8Array(SMALLEST_BYTES);
  #device: Buffer | undefined;
  #used = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Forgets values that were never handed over, because the submission that they were for failed. */
  discard(): void {
    this.#used = 0;
  }

  /** Takes a copy of the values and returns where they will be, in bytes. */
  add(data: ArrayBufferView): number {
    const start = this.#used;
    this.#used += data.byteLength;
    if (this.#used > this.#host.length) {
      const grown = new Uint8Array(uploadCapacity(this.#used));
      grown.set(this.#host);
      this.#host = grown;
    }
    this.#host.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
    return start;
  }

  /** Hands the values over. Allocates only when there are more of them than ever before. */
  flush(gpu: GPUDevice): void {
    if (this.#used > 0) gpu.queue.writeBuffer(this.buffer, 0, this.#host, 0, this.#used);
    this.#used = 0;
  }

  get buffer(): GPUBuffer {
    if (!this.#device || this.#device.bytes < this.#host.length) {
      this.#device?.[Symbol.dispose]();
      this.#device = this.#memory.allocate(
        "uploads",
        this.#host.length,
        GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      );
    }
    return this.#device.raw;
  }

  [Symbol.dispose](): void {
    this.#device?.[Symbol.dispose]();
  }
}
