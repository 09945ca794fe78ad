/**
 * Locks between processes. The system gives a lock back when its process ends, however it ends.
 *
 * @module
 */

import { withFile } from "./file_error.ts";
import { makeFolder } from "./files.ts";

/** The name of the file in a folder whose lock stands for the folder; it stays there when the lock is given back. */
const LOCK = ".lock";

/** Locks a folder, which is made if it is not there; waits while another process has it locked. */
export async function lockFolder(folder: string): Promise<Disposable> {
  const file = await openLock(folder);
  await withFile("write", folder, () => file.lock(true));
  return file;
}

/**
 * Locks a folder, which is made if it is not there, without waiting.
 *
 * @returns `undefined` if another process has it locked.
 */
export async function tryLockFolder(folder: string): Promise<Disposable | undefined> {
  const file = await openLock(folder);
  if (await withFile("write", folder, () => file.tryLock(true))) return file;
  file.close();
}

async function openLock(folder: string): Promise<Deno.FsFile> {
  await makeFolder(folder);
  const path = `${folder}/${LOCK}`;
  return await withFile("write", path, () => Deno.open(path, { write: true, create: true }));
}
