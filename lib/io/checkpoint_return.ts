/**
 * Going back to a checkpoint.
 *
 * @module
 */

import { linkAtomically, REPLACED } from "./atomic.ts";
import { listCheckpoints, removeLeftovers } from "./checkpoint_folders.ts";
import { FileError, withFile } from "./file_error.ts";
import { exists } from "./files.ts";
import type { RunDirectory } from "./run_directory.ts";

/** Ends the names of checkpoints that a run left behind when it went back to an earlier one. */
const ASIDE = ".aside";

/**
 * Makes `folder` the newest checkpoint of a run and points `final` at it, so that a run that goes on from there and is
 * interrupted finds it again.
 *
 * Newer checkpoints are not lost: they keep their content under a name that readers of checkpoints pass over.
 *
 * @param folder One of the run's checkpoints.
 * @returns The new paths of the checkpoints that were newer.
 * @throws {FileError} If `folder` is not named as the run's checkpoints are, as one that was put aside is not; nothing
 *   has changed then. Also if the file system refuses.
 */
export async function returnTo(run: RunDirectory, folder: string): Promise<string[]> {
  const name = nameOf(folder);
  if (!(await listCheckpoints(run.checkpoints)).map(nameOf).includes(name)) {
    const found = name.includes(ASIDE) ? "one that was put aside" : `'${name}'`;
    const wanted = /^step-\d+/.exec(name)?.[0] ?? "step- and the number of its step";
    throw new FileError(
      "read",
      folder,
      `it must be one of the run's checkpoints, found ${found}; rename it to ${wanted}, once that name is free`,
    );
  }
  await removeLeftovers(run.checkpoints);
  await linkAtomically(run.final, `checkpoints/${name}`);
  const all = await listCheckpoints(run.checkpoints);
  const moved: string[] = [];
  for (const path of all.slice(all.indexOf(`${run.checkpoints}/${name}`) + 1)) {
    const aside = await freeName(path + ASIDE);
    await withFile("write", aside, () => Deno.rename(path, aside));
    moved.push(aside);
  }
  return moved;
}

/** The name that a checkpoint has once nothing is half-replaced. */
function nameOf(folder: string): string {
  return folder.split("/").at(-1)!.replace(REPLACED, "");
}

async function freeName(path: string): Promise<string> {
  let free = path;
  for (let number = 2; await exists(free); number++) free = path + number;
  return free;
}
