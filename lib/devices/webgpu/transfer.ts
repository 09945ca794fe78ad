import type { Counters, HostData } from "../device.ts";
import type { ErrorWatch } from "./errors.ts";
import type { Buffer, Memory } from "./memory.ts";

/** Bytes that one upload or download moves at a time; bounds the driver's staging memory. */
const CHUNK_BYTES = 16 * 1024 * 1024;

/** Moves data between host and device, outside of steps. */
export class Transfer {
  readonly #gpu: GPUDevice;
  readonly #memory: Memory;
  readonly #counters: Counters;
  readonly #watch: ErrorWatch;

  constructor(gpu: GPUDevice, memory: Memory, counters: Counters, watch: ErrorWatch) {
    this.#gpu = gpu;
    this.#memory = memory;
    this.#counters = counters;
    this.#watch = watch;
  }

  /** Copies values into a buffer. The ends are checked here: past an array's end, `writeBuffer` ends the process. */
  upload(buffer: Buffer, data: HostData, byteOffset = 0): void {
    if (byteOffset % 4 !== 0 || byteOffset + data.byteLength > buffer.bytes) {
      throw new RangeError(
        `Cannot upload ${data.byteLength} bytes at ${byteOffset}: the buffer has ${buffer.bytes} bytes`,
      );
    }
    for (let start = 0; start < data.byteLength; start += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, data.byteLength - start);
      this.#gpu.queue.writeBuffer(buffer.raw, byteOffset + start, data.buffer, data.byteOffset + start, length);
      if (length === CHUNK_BYTES) this.#gpu.queue.submit([]);
    }
  }

  /** Reads bytes of a buffer after all work submitted so far. */
  async download(buffer: Buffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    const result = new Uint8Array(byteLength);
    const most = Math.min(CHUNK_BYTES, Math.ceil(byteLength / 4) * 4);
    using staging = this.#memory.allocate("readback", most, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    for (let start = 0; start < byteLength; start += most) {
      const length = Math.min(most, byteLength - start);
      const encoder = this.#gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer.raw, byteOffset + start, staging.raw, 0, length);
      this.#gpu.queue.submit([encoder.finish()]);
      result.set(new Uint8Array(await this.map(staging, length)), start);
      staging.raw.unmap();
    }
    return result.buffer;
  }

  /** Waits for a buffer to be readable and returns its first bytes; the caller copies them and unmaps. */
  async map(buffer: Buffer, byteLength: number): Promise<ArrayBuffer> {
    this.#counters.waits++;
    try {
      await buffer.raw.mapAsync(GPUMapMode.READ, 0, byteLength);
    } catch (error) {
      this.#watch.check();
      throw error;
    }
    this.#watch.check();
    return buffer.raw.getMappedRange(0, byteLength);
  }
}
