/**
 * Buffers that are counted, limited and freed in time.
 *
 * @module
 */

import { formatBytes } from "../../units.ts";
import type { Counters } from "../device.ts";
import { DeviceError, LESS_MEMORY, outOfMemory } from "../errors.ts";

/** A GPU buffer that is freed when it goes out of scope; the garbage collector would be far too late. */
export class Buffer implements Disposable {
  readonly raw: GPUBuffer;
  readonly bytes: number;
  readonly #release: () => void;
  #freed = false;

  constructor(raw: GPUBuffer, release: () => void) {
    this.raw = raw;
    this.bytes = raw.size;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    if (this.#freed) return;
    this.#freed = true;
    this.raw.destroy();
    this.#release();
  }
}

/** Allocates buffers, checks every size before the driver sees it, and counts what is alive. */
export class Memory {
  readonly #gpu: GPUDevice;
  readonly #limit: number;
  readonly #counters: Counters;

  constructor(gpu: GPUDevice, counters: Counters, limit = Infinity) {
    this.#gpu = gpu;
    this.#counters = counters;
    this.#limit = limit;
  }

  /** Throws if `bytes` more would not fit, before any of them is allocated. */
  reserve(what: string, bytes: number): void {
    const needed = this.#counters.bytes + bytes;
    if (needed > this.#limit) throw outOfMemory(what, needed, this.#limit);
  }

  /** Makes a buffer of at least `bytes` bytes, filled with zeros. */
  allocate(label: string, bytes: number, usage: GPUBufferUsageFlags): Buffer {
    const size = bufferBytes(bytes);
    const most = this.#gpu.limits.maxBufferSize;
    if (size > most) {
      const [limit, found] = [formatBytes(most), formatBytes(size)];
      throw new DeviceError(
        `Cannot allocate ${label}: a buffer holds at most ${limit}, found ${found}; ${LESS_MEMORY}`,
      );
    }
    this.reserve(label, size);
    const raw = this.#gpu.createBuffer({ label, size, usage });
    this.#counters.buffers++;
    this.#counters.bytes += size;
    return new Buffer(raw, () => this.#counters.bytes -= size);
  }

  /** Runs allocations and turns the driver's own refusal into an error that says what to change. */
  async guard<T extends Disposable>(what: string, allocate: () => T): Promise<T> {
    this.#gpu.pushErrorScope("out-of-memory");
    let result: T;
    try {
      result = allocate();
    } catch (error) {
      await this.#gpu.popErrorScope();
      throw error;
    }
    const error = await this.#gpu.popErrorScope();
    if (error) {
      const needed = this.#counters.bytes;
      result[Symbol.dispose]();
      throw outOfMemory(what, needed);
    }
    return result;
  }
}

/** Counts the bytes of a buffer for `bytes` bytes: whole vectors of four values. */
export function bufferBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}
