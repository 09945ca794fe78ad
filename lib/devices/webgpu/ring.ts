import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import { checkRing } from "../check.ts";
import type { Ring } from "../device.ts";
import type { Buffer, Memory } from "./memory.ts";
import type { Transfer } from "./transfer.ts";

/** Rows of results in a buffer that the host can map: one wait for many steps. */
export class WebGPURing implements Ring {
  readonly width: number;
  readonly capacity: number;
  readonly buffer: Buffer;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #transfer: Transfer;
  #pending = 0;

  constructor(width: number, capacity: number, memory: Memory, transfer: Transfer) {
    checkRing(width, capacity);
    this.width = width;
    this.capacity = capacity;
    this.memory = memory;
    this.#transfer = transfer;
    const bytes = width * capacity * BYTES_PER_ELEMENT;
    this.buffer = memory.allocate("ring", bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  get pending(): number {
    return this.#pending;
  }

  /** Takes the next row and returns where it starts, in bytes. */
  next(): number {
    return this.#pending++ * this.width * BYTES_PER_ELEMENT;
  }

  async drain(): Promise<Float32Array<ArrayBuffer>[]> {
    const count = this.#pending;
    if (count === 0) return [];
    const bytes = count * this.width * BYTES_PER_ELEMENT;
    const values = new Float32Array((await this.#transfer.map(this.buffer, bytes)).slice(0));
    this.buffer.raw.unmap();
    this.#pending = 0;
    return Array.from({ length: count }, (_, i) => values.slice(i * this.width, (i + 1) * this.width));
  }

  [Symbol.dispose](): void {
    this.buffer[Symbol.dispose]();
  }
}
