/**
 * Opening a package: nothing in it is used before all of it is what its manifest says.
 *
 * @module
 */

import { sha256, shortHash } from "../data/hash.ts";
import { type ArchivedFile, unpackArchive } from "../io/archive.ts";
import { FileError } from "../io/file_error.ts";
import { MANIFEST, type PackManifest, parseManifest } from "./manifest.ts";

/** A package whose files have the hashes of its manifest. */
export interface OpenPackage {
  /** What it says of itself. */
  readonly manifest: PackManifest;
  /** Its files but the manifest, by path. */
  readonly files: ReadonlyMap<string, ArchivedFile>;
}

/**
 * Reads and checks an archive.
 *
 * @param path Where it came from, for errors.
 * @throws {FileError} If it is no package, is damaged, has files that its manifest does not name, or lacks one.
 */
export async function openPackage(archive: Uint8Array<ArrayBuffer>, path: string): Promise<OpenPackage> {
  const refuse = (reason: string, cause?: unknown) => new FileError("read", path, reason, cause);
  const all = new Map((await unpackArchive(archive, path)).map((file) => [file.path, file]));
  const text = all.get(MANIFEST);
  if (!text) throw refuse(`it must hold a ${MANIFEST}, found none; make packages with deno task share`);
  const manifest = await parseManifest(new TextDecoder().decode(text.bytes)).catch((error) => {
    throw refuse((error as Error).message, error);
  });
  all.delete(MANIFEST);
  for (const { path: name, sha256: expected } of manifest.files) {
    const file = all.get(name);
    if (!file) throw refuse(`it must hold ${name}, found no such file; fetch it again`);
    if (await sha256(file.bytes) !== expected) {
      throw refuse(`${name} must have the ${shortHash(expected)} of the manifest; it is damaged`);
    }
  }
  const known = new Set(manifest.files.map(({ path }) => path));
  const stranger = [...all.keys()].find((name) => !known.has(name));
  if (stranger !== undefined) throw refuse(`its manifest must name all files, found ${stranger} beside them`);
  return { manifest, files: all };
}

/** Parses a JSON file of a package. */
export function jsonOf({ files }: OpenPackage, path: string): unknown {
  const file = files.get(path);
  return file && JSON.parse(new TextDecoder().decode(file.bytes));
}

/** Parses a log of a package. */
export function rowsOf<Row>({ files }: OpenPackage, path: string): Row[] {
  const file = files.get(path);
  const lines = file ? new TextDecoder().decode(file.bytes).split("\n").slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as Row);
}
