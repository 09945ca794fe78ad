/**
 * Exact numbers of bytes from a stream.
 *
 * @module
 */

/** What bytes come from, such as a connection: fills a part of an array; null at the end. */
export interface ByteSource {
  /** Reads at most as many bytes as the array has and returns how many. */
  read(bytes: Uint8Array): Promise<number | null>;
}

const BLOCK_BYTES = 1 << 16;

/** Reads a source in blocks, because a message has many small parts. */
export class ByteReader {
  readonly #source: ByteSource;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #rest = this.#block.subarray(0, 0);

  /** Reads from a source that nobody else reads. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * Returns the next `count` bytes.
   *
   * @throws {Deno.errors.UnexpectedEof} If there are fewer.
   */
  async read(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count;) {
      if (this.#rest.length === 0) await this.#refill();
      const part = this.#rest.subarray(0, count - done);
      bytes.set(part, done);
      this.#rest = this.#rest.subarray(part.length);
      done += part.length;
    }
    return bytes;
  }

  async #refill(): Promise<void> {
    const length = await this.#source.read(this.#block);
    if (length === null) throw new Deno.errors.UnexpectedEof("the other side has closed the connection");
    this.#rest = this.#block.subarray(0, length);
  }
}
