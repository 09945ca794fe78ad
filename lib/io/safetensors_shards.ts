/**
 * The tensors of a model folder, whether they lie in one safetensors file or in shards with an index.
 *
 * @module
 */

import { FileError } from "./file_error.ts";
import { exists } from "./files.ts";
import { readJson } from "./json.ts";
import { SafetensorsFile } from "./safetensors.ts";
import type { TensorInfo } from "./safetensors_header.ts";

const WHOLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** The open safetensors files of a folder, read as if they were one. */
export class SafetensorsFolder implements Disposable {
  /** The tensors by name. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #files: readonly SafetensorsFile[];
  readonly #fileOf: ReadonlyMap<string, SafetensorsFile>;

  private constructor(files: readonly SafetensorsFile[]) {
    this.#files = files;
    this.#fileOf = new Map(files.flatMap((file) => [...file.tensors.keys()].map((name) => [name, file])));
    this.tensors = new Map(files.flatMap((file) => [...file.tensors]));
  }

  /**
   * Opens `model.safetensors`, or else every shard that `model.safetensors.index.json` names.
   *
   * @throws {FileError} If there is neither, a file is damaged, or the index and its shards do not agree.
   */
  static async open(folder: string): Promise<SafetensorsFolder> {
    if (await exists(`${folder}/${WHOLE}`)) return await SafetensorsFolder.#openFiles(folder, [WHOLE]);
    const path = `${folder}/${INDEX}`;
    if (!await exists(path)) {
      throw new FileError("read", folder, `it must hold ${WHOLE} or ${INDEX}${await hint(folder)}`);
    }
    const shardOf = parseIndex(path, await readJson(path));
    const shards = [...new Set(shardOf.values())].sort();
    const opened = await SafetensorsFolder.#openFiles(folder, shards);
    try {
      compare(path, shardOf, new Map(opened.#files.map((file, i) => [shards[i]!, file])));
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
    return opened;
  }

  static async #openFiles(folder: string, names: readonly string[]): Promise<SafetensorsFolder> {
    const files: SafetensorsFile[] = [];
    try {
      for (const name of names) files.push(await SafetensorsFile.open(`${folder}/${name}`));
    } catch (error) {
      for (const file of files) file[Symbol.dispose]();
      throw error;
    }
    return new SafetensorsFolder(files);
  }

  /**
   * Reads one tensor as 32-bit floats.
   *
   * @param name One of the names of `tensors`.
   * @throws {FileError} If it is not of floats, or its file has changed since it was opened.
   */
  readFloats(name: string): Float32Array<ArrayBuffer> {
    const file = this.#fileOf.get(name);
    if (!file) throw new RangeError(`Cannot read '${name}': there is no such tensor in the folder`);
    return file.readFloats(name);
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

/** Reads the index's map from tensor to shard. */
function parseIndex(path: string, index: unknown): Map<string, string> {
  const map = (index as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null) throw new FileError("read", path, "'weight_map' must be an object");
  return new Map(
    Object.entries(map).map(([name, shard]) => {
      // A shard is a file beside the index: the index must not lead the reader anywhere else.
      if (typeof shard !== "string" || !/^[^/\\]+\.safetensors$/.test(shard)) {
        const rule = `tensor '${name}' must be mapped to the name of a .safetensors file in this folder`;
        throw new FileError("read", path, `${rule}, found ${JSON.stringify(shard)}`);
      }
      return [name, shard];
    }),
  );
}

/** Checks that every tensor lies in the shard that the index names, and in no other. */
function compare(path: string, shardOf: Map<string, string>, files: Map<string, SafetensorsFile>): void {
  for (const [name, shard] of shardOf) {
    if (!files.get(shard)!.tensors.has(name)) {
      throw new FileError("read", path, `tensor '${name}' must lie in ${shard}, which does not have it`);
    }
  }
  for (const [shard, { tensors }] of files) {
    for (const name of tensors.keys()) {
      if (shardOf.get(name) === shard) continue;
      const found = shardOf.has(name) ? `which also has the one in ${shard}` : `which lacks the one in ${shard}`;
      throw new FileError("read", path, `tensor '${name}' must stand once in the index, ${found}`);
    }
  }
}

async function hint(folder: string): Promise<string> {
  if (!await exists(`${folder}/pytorch_model.bin`)) return "";
  return "; save its pytorch_model.bin again with safe_serialization=True in transformers";
}
