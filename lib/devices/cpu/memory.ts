/**
 * The device's memory: one WebAssembly memory, divided into blocks.
 *
 * @module
 */

import { BINDING_ALIGNMENT } from "../../graph/tensor.ts";
import type { Counters } from "../device.ts";
import { disposedOf, outOfMemory } from "../errors.ts";

const PAGE_BYTES = 65_536;
/** What 32-bit addresses reach, less a page: the end of a block is an address too, and must not wrap around to 0. */
const MOST_BYTES = 2 ** 32 - PAGE_BYTES;

/** A part of the memory, freed when it goes out of scope. */
export interface Block extends Disposable {
  /** Where it begins; asking throws a DeviceError once it is freed, as others may use the memory then. */
  readonly address: number;
  readonly bytes: number;
}

interface Gap {
  address: number;
  bytes: number;
}

/** Hands out blocks, lowest address first, and grows the memory when it must. */
export class Memory {
  readonly raw: WebAssembly.Memory;
  readonly #counters: Counters;
  readonly #limit: number;
  readonly #settle: () => void;
  /** Free parts by address; the last one reaches as far as addresses do. */
  readonly #gaps: Gap[];

  /**
   * @param heap Where the first block may begin.
   * @param limit Bytes that all blocks may take. @default {what 32-bit addresses reach}
   * @param settle Waits until nothing runs: called before memory is handed back.
   */
  constructor(raw: WebAssembly.Memory, heap: number, counters: Counters, limit = MOST_BYTES, settle = () => {}) {
    this.raw = raw;
    this.#counters = counters;
    this.#limit = Math.min(limit, MOST_BYTES - heap);
    this.#settle = settle;
    this.#gaps = [{ address: heap, bytes: MOST_BYTES - heap }];
  }

  /** Throws if `bytes` more would not fit, before any of them is allocated. */
  reserve(what: string, bytes: number): void {
    const needed = this.#counters.bytes + bytes;
    if (needed > this.#limit) throw outOfMemory(what, needed, this.#limit);
  }

  /** Makes a block of at least `bytes` bytes at a multiple of 256, filled with zeros. */
  allocate(what: string, bytes: number): Block {
    const size = roundUp(Math.max(bytes, 1));
    this.reserve(what, size);
    const gap = this.#gaps.find((gap) => gap.bytes >= size);
    if (!gap) throw outOfMemory(what, size, Math.max(...this.#gaps.map(({ bytes }) => bytes)));
    const { address } = gap;
    const missing = address + size - this.raw.buffer.byteLength;
    if (missing > 0) this.#grow(what, missing);
    gap.address += size;
    gap.bytes -= size;
    new Uint8Array(this.raw.buffer, address, size).fill(0);
    this.#counters.buffers++;
    this.#counters.bytes += size;
    let freed = false;
    const free = () => {
      if (freed) return;
      freed = true;
      this.#settle();
      this.#counters.bytes -= size;
      this.#release({ address, bytes: size });
    };
    return {
      get address() {
        if (freed) throw disposedOf(what, "free it after its last use");
        return address;
      },
      bytes: size,
      [Symbol.dispose]: free,
    };
  }

  /** Copies the bytes of an array to an address. */
  write(address: number, data: ArrayBufferView): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.raw.buffer, address, bytes.length).set(bytes);
  }

  /** Returns a copy of floats at an address. */
  read(address: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.raw.buffer, address, count).slice();
  }

  #grow(what: string, missing: number): void {
    try {
      this.raw.grow(Math.ceil(missing / PAGE_BYTES));
    } catch {
      throw outOfMemory(what, this.#counters.bytes + missing);
    }
  }

  #release(freed: Gap): void {
    const after = this.#gaps.findIndex(({ address }) => address > freed.address);
    this.#gaps.splice(after, 0, freed); // the last gap lies after every block
    for (let i = Math.max(0, after - 1); i + 1 < this.#gaps.length && i <= after;) {
      const [left, right] = [this.#gaps[i]!, this.#gaps[i + 1]!];
      if (left.address + left.bytes === right.address) {
        left.bytes += right.bytes;
        this.#gaps.splice(i + 1, 1);
      } else i++;
    }
  }
}

/** Rounds bytes up to the alignment of blocks. */
export function roundUp(bytes: number): number {
  return Math.ceil(bytes / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
}
