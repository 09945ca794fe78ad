/**
 * Files and folders: new files with their hashes, and what is asked and done of any.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { withFile } from "./file_error.ts";

/** A new file that hashes what it is given. */
export class NewFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #hash = createHash("sha256");
  #open = true;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Creates the file, or empties the one that is there. */
  static async create(path: string): Promise<NewFile> {
    return new NewFile(
      path,
      await withFile("write", path, () => Deno.open(path, { write: true, create: true, truncate: true })),
    );
  }

  /** Appends bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await withFile("write", this.#path, () => writeFully(this.#file, bytes));
  }

  /** Syncs the file to the disk, closes it and returns its SHA-256 in hexadecimal digits. */
  async finish(): Promise<string> {
    await withFile("write", this.#path, () => this.#file.sync());
    this[Symbol.dispose]();
    return this.#hash.digest("hex");
  }

  /** Closes the file, finished or not. */
  [Symbol.dispose](): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }
}

/** Writes bytes or text as a new file and returns its SHA-256; not atomic by itself. */
export async function writeNew(path: string, content: Uint8Array | string): Promise<string> {
  using file = await NewFile.create(path);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  return await file.finish();
}

/** Computes the SHA-256 of a file in hexadecimal digits, block by block. */
export async function hashFile(path: string): Promise<string> {
  return await withFile("read", path, async () => {
    using file = await Deno.open(path);
    const hash = createHash("sha256");
    const block = new Uint8Array(1 << 20);
    for (let count = await file.read(block); count !== null; count = await file.read(block)) {
      hash.update(block.subarray(0, count));
    }
    return hash.digest("hex");
  });
}

/** Reads a whole file. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await withFile("read", path, () => Deno.readFile(path));
}

/** Returns how many bytes a file has. */
export async function fileSize(path: string): Promise<number> {
  return (await withFile("read", path, () => Deno.stat(path))).size;
}

/** Says whether there is a file, folder or link at `path`; a link may point nowhere. */
export async function exists(path: string): Promise<boolean> {
  return await withFile("read", path, async () => {
    try {
      await Deno.lstat(path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
      throw error;
    }
  });
}

/** Returns the path that a path leads to, whole and with links followed. */
export async function realPath(path: string): Promise<string> {
  return await withFile("read", path, () => Deno.realPath(path));
}

/** Writes all of `bytes`, however little the system takes at a time. */
export async function writeFully(file: Pick<Deno.FsFile, "write">, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** Lists the names in a folder, in no order. */
export async function namesIn(folder: string, verb: "read" | "write" = "read"): Promise<string[]> {
  return await withFile(verb, folder, () => Array.fromAsync(Deno.readDir(folder), ({ name }) => name));
}

/** Removes a file, or a folder with all that is in it. */
export async function remove(path: string): Promise<void> {
  await withFile("write", path, () => Deno.remove(path, { recursive: true }));
}

/** Makes a folder and those above it, if they are not there yet. */
export async function makeFolder(path: string): Promise<void> {
  await withFile("write", path, () => Deno.mkdir(path, { recursive: true }));
}
