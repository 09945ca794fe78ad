import { alignedBytes } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import { entryOf, persistentOf } from "../check.ts";
import type { HostData, Store, StoreEntry } from "../device.ts";
import type { Block, Memory } from "./memory.ts";
import type { Threads } from "./threads.ts";

/** Persistent tensors, a block each. */
export class CPUStore implements Store {
  readonly entries: readonly StoreEntry[];
  readonly bytes: number;
  readonly #memory: Memory;
  readonly #threads: Threads;
  readonly #blocks: ReadonlyMap<string, Block>;
  readonly #owned: DisposableStack;

  constructor(entries: readonly StoreEntry[], memory: Memory, threads: Threads) {
    this.entries = entries;
    this.#memory = memory;
    this.#threads = threads;
    const sizes = entries.map(alignedBytes);
    this.bytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    memory.reserve(entries.map(({ name }) => name).join(", "), this.bytes);
    using owned = new DisposableStack();
    this.#blocks = new Map(entries.map(({ name }, i) => [name, owned.use(memory.allocate(name, sizes[i]!))]));
    this.#owned = owned.move();
  }

  /** Returns the memory of a persistent tensor. */
  block(name: string, size: number): Block {
    persistentOf(this.entries, name, size);
    return this.#blocks.get(name)!;
  }

  write(name: string, data: HostData, offset = 0): void {
    const { address } = this.#blocks.get(entryOf(this.entries, name, offset, data.length).name)!;
    this.#threads.settle();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.raw.buffer, address + offset * BYTES_PER_ELEMENT, bytes.length).set(bytes);
  }

  async read(name: string, offset = 0, size?: number): Promise<Float32Array<ArrayBuffer>> {
    const entry = entryOf(this.entries, name, offset, size ?? 0);
    await this.#threads.finish();
    const { address } = this.#blocks.get(name)!;
    return this.#memory.floats(address + offset * BYTES_PER_ELEMENT, size ?? entry.size - offset).slice();
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
