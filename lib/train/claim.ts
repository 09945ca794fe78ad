/**
 * Runs that begin or go on at the same time.
 *
 * @module
 */

import { FileError } from "../io/file_error.ts";
import { tryLockFolder } from "../io/lock.ts";
import { newPath, type RunPlace } from "./resume.ts";

/** The directory of a run, which no other process can train in until this is disposed of. */
export interface Claim extends Disposable {
  readonly path: string;
}

/**
 * Takes a run's directory for this process. Of runs without a name that begin at once each takes a number of its own.
 *
 * @throws {FileError} If another process trains in it.
 */
export async function claim(place: RunPlace): Promise<Claim> {
  const { directory, config: { name } } = place;
  const path = directory?.path ?? await newPath(place.config);
  const lock = await tryLockFolder(path);
  if (lock) return { path, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  // The other process has made the directory, so that the next free number is another one now.
  if (!directory && name === "auto") return await claim(place);
  throw new FileError(
    "write",
    path,
    "another process trains in it; wait for its end, or begin a run of another --name",
  );
}
