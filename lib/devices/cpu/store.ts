import { alignedBytes } from "../../graph/plan.ts";
import { BYTES_PER_ELEMENT } from "../../graph/tensor.ts";
import { checkEntries, entryOf, persistentOf, writableOf } from "../check.ts";
import type { HostData, Store, StoreEntry } from "../device.ts";
import type { Block, Memory } from "./memory.ts";
import type { Threads } from "./threads.ts";

/** Persistent tensors, a block each. */
export class CPUStore implements Store {
  readonly entries: readonly StoreEntry[];
  readonly bytes: number;
  /** The memory of the device that made it. */
  readonly memory: Memory;
  readonly #threads: Threads;
  readonly #blocks: ReadonlyMap<string, Block>;
  readonly #owned: DisposableStack;

  constructor(entries: readonly StoreEntry[], memory: Memory, threads: Threads) {
    checkEntries(entries);
    this.entries = entries;
    this.memory = memory;
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
    const { address } = this.#blocks.get(writableOf(this.entries, name, offset, data).name)!;
    this.#threads.settle();
    this.memory.write(address + offset * BYTES_PER_ELEMENT, data);
  }

  async read(name: string, offset = 0, size?: number): Promise<Float32Array<ArrayBuffer>> {
    const entry = entryOf(this.entries, name, offset, size ?? 0);
    const block = this.#blocks.get(name)!;
    return await this.#threads.finish(() =>
      this.memory.read(block.address + offset * BYTES_PER_ELEMENT, size ?? entry.size - offset)
    );
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
