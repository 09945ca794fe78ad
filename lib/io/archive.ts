/**
 * Archives: files packed as `.tar.gz`, read and written in memory.
 *
 * @module
 */

import { packTar, unpackTar } from "modern-tar";
import { isSafePath } from "../share/safe_path.ts";
import { show } from "../unknown.ts";
import { FileError } from "./file_error.ts";
import { exists, makeFolder, namesIn, readBytes, writeNew } from "./files.ts";

/** A file in an archive. */
export interface ArchivedFile {
  /** Names joined by `/`. */
  readonly path: string;
  /** What it holds. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads a file to be packed under `path`. */
export async function readArchived(path: string, from: string): Promise<ArchivedFile> {
  return { path, bytes: await readBytes(from) };
}

/**
 * Packs files in the order given; the same files give the same bytes, whoever packs them and when.
 *
 * @throws {FileError} If a path could not be unpacked everywhere.
 */
export async function packArchive(files: readonly ArchivedFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const unsafe = files.find(({ path }) => !isSafePath(path));
  if (unsafe) throw new FileError("write", unsafe.path, "the name cannot be unpacked on every system; rename the file");
  const owner = { uid: 0, gid: 0, uname: "", gname: "", mode: 0o644, mtime: new Date(0) };
  const tar = await packTar(files.map(({ path, bytes }) => ({
    header: { ...owner, name: path, size: bytes.length, type: "file" },
    body: bytes,
  })));
  return await pipedThrough(tar, new CompressionStream("gzip"));
}

/**
 * Unpacks an archive into memory.
 *
 * @param path Where it came from, for errors.
 * @throws {FileError} If it is damaged, or holds anything but files with paths that stay in one folder.
 */
export async function unpackArchive(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<ArchivedFile[]> {
  const refuse = (found: string, cause?: unknown) => new FileError("read", path, found, cause);
  const entries = await entriesOf(bytes).catch((error) => {
    const flaw = (error as Error).message.replace(/\.$/, "");
    throw refuse(`it must be a whole .tar.gz archive, found: ${flaw}; fetch it again`, error);
  });
  const seen = new Set<string>();
  return entries.map(({ header: { name, type = "file" }, data }) => {
    if (type !== "file" || !data) throw refuse(`it must hold plain files only, found the ${type} ${show(name)}`);
    if (!isSafePath(name)) throw refuse(`its files must stay in one folder, found the path ${show(name)}`);
    if (seen.has(name)) throw refuse(`its files must have names of their own, found ${show(name)} twice`);
    seen.add(name);
    return { path: name, bytes: data };
  });
}

/**
 * Writes files into a folder, each synced.
 *
 * @throws {FileError} If the folder holds anything already, or the file system refuses.
 */
export async function writeNewFolder(folder: string, files: readonly ArchivedFile[]): Promise<void> {
  if (await exists(folder) && (await namesIn(folder)).length > 0) {
    throw new FileError("write", folder, "the folder must be new or empty, found files in it; choose another one");
  }
  for (const { path, bytes } of files) {
    const place = `${folder}/${path}`;
    await makeFolder(place.slice(0, place.lastIndexOf("/")));
    await writeNew(place, bytes);
  }
}

async function entriesOf(bytes: Uint8Array<ArrayBuffer>) {
  return await unpackTar(await pipedThrough(bytes, new DecompressionStream("gzip")), { strict: true });
}

async function pipedThrough(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
