/**
 * Pipelines that begin or go on in the same place.
 *
 * @module
 */

import { UsageError } from "../cli/usage_error.ts";
import { FileError } from "../io/file_error.ts";
import { tryLockFolder } from "../io/lock.ts";
import type { PipelineDirectory } from "../io/pipeline_directory.ts";
import type { PipelinePlace } from "./find.ts";

/**
 * Takes a pipeline's directory for this process until the claim is disposed of.
 *
 * @throws {FileError} If another process works in it.
 * @throws {UsageError} If the pipeline is to be a new one, and another was begun there since it was looked for.
 */
export async function claim({ directory, begun }: Pick<PipelinePlace, "directory" | "begun">): Promise<Disposable> {
  const { path } = directory;
  const lock = await tryLockFolder(path);
  if (!lock) {
    throw new FileError("write", path, "another process works in it; wait for its end, or choose another --name");
  }
  using cleanup = new DisposableStack();
  cleanup.use(lock);
  if (!begun) await refuseTaken(directory);
  cleanup.move();
  return lock;
}

/**
 * Refuses a new run in the place of a pipeline, or of files that it would take for its own.
 *
 * @throws {UsageError} If there are any.
 */
export async function refuseTaken(directory: PipelineDirectory): Promise<void> {
  const found = await directory.made();
  if (found.length === 0) return;
  const [what, wayOut] = await directory.begun()
    ? ["one", "continue it with --resume auto"]
    : [`'${found[0]}' of one without a pipeline.json`, "remove it"];
  throw new UsageError(
    `Cannot begin a run in '${directory.path}': there must be none, found ${what}; choose another --name, or ${wayOut}`,
  );
}
