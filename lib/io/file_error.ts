/**
 * Failures of the file system as one line that a user can act on.
 *
 * @module
 */

/** Says which file could not be read or written, and why; `cause` is the system's own error. */
export class FileError extends Error {
  /** Tells this class apart where `instanceof` cannot. */
  override readonly name = "FileError";
  /** What was tried. */
  readonly verb: "read" | "write";
  /** The file or folder. */
  readonly path: string;

  /**
   * Makes the error of one file.
   *
   * @param reason The rule that was broken, with the value found and the way out.
   * @param cause The error underneath.
   */
  constructor(verb: "read" | "write", path: string, reason: string, cause?: unknown) {
    super(`Cannot ${verb} '${path}': ${reason}`, cause === undefined ? undefined : { cause });
    this.verb = verb;
    this.path = path;
  }
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or choose another folder",
  EROFS: "the file system is read-only; choose another folder",
  EACCES: "permission denied; choose another folder or change its permissions",
  EPERM: "operation not permitted; choose another folder or change its permissions",
  ENOTDIR: "a part of the path is a file, not a folder; choose another folder",
  EISDIR: "it is a folder, not a file; choose another path",
  EEXIST: "it must be new, found it there already; choose another path",
  ENOENT: "it does not exist; check the path",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
};

/**
 * Runs `action` on a file and turns what the system throws into a {@linkcode FileError}; other errors pass.
 *
 * @throws {FileError} If the file system refuses.
 */
export async function withFile<T>(verb: "read" | "write", path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw inWords(verb, path, error);
  }
}

/**
 * The same for an action that does not wait.
 *
 * @throws {FileError} If the file system refuses.
 */
export function withFileSync<T>(verb: "read" | "write", path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw inWords(verb, path, error);
  }
}

function inWords(verb: "read" | "write", path: string, error: unknown): unknown {
  // Deno gives a code to the common failures of the system, and its number to all of them.
  if (!(error instanceof Error) || !/\(os error \d+\)/.test(error.message)) return error;
  const code = "code" in error ? String(error.code) : "";
  return new FileError(verb, path, advice[code] ?? error.message.replace(/ \(os error.*/, ""), error);
}
