/**
 * The files of what a run reads besides the project.
 *
 * @module
 */

import { hashInput, isRead } from "../share/inputs.ts";
import type { PackedInput } from "../share/manifest.ts";
import { FileError, withFile } from "./file_error.ts";
import { fileSize, hashFile, realPath } from "./files.ts";

/** A file of an input. */
export interface InputFile {
  /** Names from the input's folder, joined by `/`; `""` for an input that is a file itself. */
  readonly path: string;
  /** Where it is. */
  readonly from: string;
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256 in hexadecimal digits. */
  readonly sha256: string;
}

/** A file or a folder that a field of a config names. */
export interface InputFiles {
  /** The path of the file or folder itself, links followed. */
  readonly path: string;
  /** Sorted by path. */
  readonly files: readonly InputFile[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Hash of all files, as `hashInput` takes it. */
  readonly sha256: string;
}

/**
 * Lists and hashes what a run reads of an input.
 *
 * @throws {FileError} If it is not there, or holds no such file.
 */
export async function readInput(field: PackedInput["field"], given: string): Promise<InputFiles> {
  const path = await realPath(given);
  const paths = (await pathsIn(path, "")).filter((each) => each === "" || isRead(field, each)).sort();
  if (paths.length === 0) throw new FileError("read", given, `there must be files for '${field}' in it, found none`);
  const files = await Promise.all(paths.map(async (name): Promise<InputFile> => {
    const from = name === "" ? path : `${path}/${name}`;
    return { path: name, from, bytes: await fileSize(from), sha256: await hashFile(from) };
  }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { path, files, bytes, sha256: await hashInput(files) };
}

/** The files below a path; links to files are followed, links to folders are not, as where a corpus is read. */
async function pathsIn(root: string, path: string): Promise<string[]> {
  const full = path === "" ? root : `${root}/${path}`;
  return await withFile("read", full, async () => {
    if (!(await Deno.stat(full)).isDirectory) return [path];
    const paths: string[] = [];
    for await (const { name, isSymlink } of Deno.readDir(full)) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (isSymlink && (await Deno.stat(`${root}/${inner}`)).isDirectory) continue;
      paths.push(...await pathsIn(root, inner));
    }
    return paths;
  });
}
