/**
 * Files that are read a piece at a time.
 *
 * @module
 */

import { FileError, withFileSync } from "./file_error.ts";

/** A file that stays open and is read wherever a piece is wanted, without awaiting it. */
export class SliceFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  /**
   * Opens the file.
   *
   * @throws {FileError} If there is none, or the file system refuses.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = withFileSync("read", path, () => Deno.openSync(path));
  }

  /**
   * Reads `length` bytes from byte `start`.
   *
   * @throws {FileError} If the file ends before.
   */
  read(start: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    return withFileSync("read", this.#path, () => {
      this.#file.seekSync(start, Deno.SeekMode.Start);
      for (let done = 0; done < length;) {
        const count = this.#file.readSync(bytes.subarray(done));
        if (count === null) {
          const found = start + done;
          throw new FileError("read", this.#path, `it must have at least ${start + length} bytes, found ${found}`);
        }
        done += count;
      }
      return bytes;
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
