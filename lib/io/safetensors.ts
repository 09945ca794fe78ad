/**
 * A reader of safetensors files that trusts nothing.
 *
 * A file is a 64-bit little-endian header length, the header (JSON), and the tensors' little-endian bytes.
 *
 * @module
 */

import { FileError, withFile } from "./file_error.ts";
import { decodeFloats } from "./safetensors_dtypes.ts";
import {
  LENGTH_BYTES,
  MAXIMUM_HEADER_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorInfo,
} from "./safetensors_header.ts";

/** An open safetensors file whose header has been checked; tensors are read one by one. */
export class SafetensorsFile implements Disposable {
  /** Where the file is. */
  readonly path: string;
  /** The tensors by name, in the order in which they lie in the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Free text that the writer left. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #file: Deno.FsFile;
  readonly #dataStart: number;

  private constructor(path: string, file: Deno.FsFile, header: SafetensorsHeader, dataStart: number) {
    this.path = path;
    this.tensors = header.tensors;
    this.metadata = header.metadata;
    this.#file = file;
    this.#dataStart = dataStart;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws {FileError} If the file cannot be read, or breaks a rule of the format; it names tensor and rule.
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await withFile("read", path, () => Deno.open(path));
    try {
      const { isFile, size } = file.statSync();
      if (!isFile) throw new RangeError("it must be a regular file");
      if (size < LENGTH_BYTES) throw new RangeError(`the file must have at least ${LENGTH_BYTES} bytes, found ${size}`);
      const length = new DataView(readAt(file, 0, LENGTH_BYTES).buffer).getBigUint64(0, true);
      const limit = Math.min(MAXIMUM_HEADER_BYTES, size - LENGTH_BYTES);
      if (length > limit) {
        const found = `found a length of ${length}; the file is truncated or of another format`;
        throw new RangeError(`the header must fit into ${limit} bytes, ${found}`);
      }
      const dataStart = LENGTH_BYTES + Number(length);
      const header = parseHeader(readAt(file, LENGTH_BYTES, Number(length)), size - dataStart);
      return new SafetensorsFile(path, file, header, dataStart);
    } catch (error) {
      file.close();
      throw error instanceof RangeError ? new FileError("read", path, error.message, error) : error;
    }
  }

  /**
   * Reads one tensor as 32-bit floats.
   *
   * @throws {FileError} If there is no such tensor, it is not of floats, or the file has changed since it was opened.
   */
  readFloats(name: string): Float32Array<ArrayBuffer> {
    const info = this.tensors.get(name);
    if (!info) throw new FileError("read", this.path, `there is no tensor '${name}'`);
    try {
      return decodeFloats(info.dtype, readAt(this.#file, this.#dataStart + info.begin, info.end - info.begin));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new FileError("read", this.path, `tensor '${name}' ${error.message}`, error);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Reads exactly `length` bytes; synchronous, so that two reads cannot move each other's place in the file. */
function readAt(file: Deno.FsFile, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(position, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) throw new RangeError(`must have ${length} bytes, found the file's end after ${done}`);
    done += count;
  }
  return bytes;
}
