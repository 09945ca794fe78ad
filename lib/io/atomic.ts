/**
 * Files and folders that are either whole or absent: written under a temporary name, synced to the disk, then renamed.
 *
 * @module
 */

import { withFile } from "./file_error.ts";
import { exists, remove, writeNew } from "./files.ts";

/** Ends the temporary names; what carries it was left by a write that did not finish. */
export const PARTIAL = ".partial";

/** Ends the name that a folder has while a newer one takes its place. */
export const REPLACED = ".replaced";

/**
 * Writes a file so that its path always holds either the old content or the whole new one, whatever stops the process.
 *
 * @throws {FileError} If the file system refuses; the old content is then still there.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const partial = path + PARTIAL;
  try {
    await writeNew(partial, content);
    await renameTo(partial, path);
  } catch (error) {
    await tryTo(removeIfThere, partial);
    throw error;
  }
}

/**
 * Writes a folder so that its path holds either what it held or the whole new folder, whatever stops the process.
 *
 * @param fill Writes the files into the temporary folder that it is given, each of them synced.
 * @throws {FileError} If the file system refuses; the old folder is then still there.
 */
export async function writeFolderAtomically(path: string, fill: (partial: string) => Promise<void>): Promise<void> {
  const folder = path.replace(/\/+$/, "");
  const partial = folder + PARTIAL;
  await restoreReplaced(folder);
  try {
    await removeIfThere(partial);
    await withFile("write", folder, () => Deno.mkdir(partial, { recursive: true }));
    await fill(partial);
    await syncFolder(partial);
    if (await exists(folder)) await renameTo(folder, folder + REPLACED);
    await renameTo(partial, folder);
    await removeIfThere(folder + REPLACED);
  } catch (error) {
    await tryTo(restoreReplaced, folder);
    await tryTo(removeIfThere, partial);
    throw error;
  }
}

/** Puts a folder back whose replacement was interrupted between its two renames. */
export async function restoreReplaced(folder: string): Promise<void> {
  const replaced = folder + REPLACED;
  if (!await exists(replaced)) return;
  if (await exists(folder)) await removeIfThere(replaced);
  else await renameTo(replaced, folder);
}

/** Points a symbolic link at `target`, relative to the link's folder, replacing an older link in one rename. */
export async function linkAtomically(link: string, target: string): Promise<void> {
  const partial = link + PARTIAL;
  await removeIfThere(partial);
  await withFile("write", link, () => Deno.symlink(target, partial, { type: "dir" }));
  await renameTo(partial, link);
}

/** Renames within a folder and syncs the folder, so that the new name outlives a power cut. */
async function renameTo(from: string, to: string): Promise<void> {
  await withFile("write", to, () => Deno.rename(from, to));
  await syncFolder(parentOf(to));
}

/** Cleans up after a failure, whose own error must not be hidden by another one. */
async function tryTo(action: (path: string) => Promise<void>, path: string): Promise<void> {
  try {
    await action(path);
  } catch {
    // The next write to this path tries again.
  }
}

async function removeIfThere(path: string): Promise<void> {
  if (await exists(path)) await remove(path);
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and orders renames itself.
  if (Deno.build.os === "windows") return;
  await withFile("write", path, async () => {
    using folder = await Deno.open(path);
    await folder.sync();
  });
}

function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}
