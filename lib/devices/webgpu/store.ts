import { alignedBytes } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import { checkEntries, entryOf, persistentOf, writableOf } from "../check.ts";
import type { HostData, Store, StoreEntry } from "../device.ts";
import type { Buffer, Memory } from "./memory.ts";
import type { Transfer } from "./transfer.ts";

const USAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** Persistent tensors, a buffer each. */
export class WebGPUStore implements Store {
  readonly entries: readonly StoreEntry[];
  readonly bytes: number;
  readonly #buffers: ReadonlyMap<string, Buffer>;
  readonly #owned: DisposableStack;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #transfer: Transfer;

  constructor(entries: readonly StoreEntry[], memory: Memory, transfer: Transfer) {
    checkEntries(entries);
    this.entries = entries;
    this.memory = memory;
    this.#transfer = transfer;
    const sizes = entries.map(alignedBytes);
    this.bytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    memory.reserve(entries.map(({ name }) => name).join(", "), this.bytes);
    using owned = new DisposableStack();
    this.#buffers = new Map(entries.map(({ name }, i) => [name, owned.use(memory.allocate(name, sizes[i]!, USAGE))]));
    this.#owned = owned.move();
  }

  /** Returns the buffer of a persistent tensor. */
  buffer(name: string, size: number): Buffer {
    persistentOf(this.entries, name, size);
    return this.#buffers.get(name)!;
  }

  write(name: string, data: HostData, offset = 0): void {
    const entry = writableOf(this.entries, name, offset, data);
    this.#transfer.upload(this.#buffers.get(entry.name)!, data, offset * BYTES_PER_ELEMENT);
  }

  async read(name: string, offset = 0, size?: number): Promise<Float32Array<ArrayBuffer>> {
    const entry = entryOf(this.entries, name, offset, size ?? 0);
    const count = size ?? entry.size - offset;
    const buffer = this.#buffers.get(name)!;
    return new Float32Array(
      await this.#transfer.download(buffer, offset * BYTES_PER_ELEMENT, count * BYTES_PER_ELEMENT),
    );
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
