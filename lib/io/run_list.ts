/**
 * Where runs lie.
 *
 * @module
 */

import { withFile } from "./file_error.ts";
import { exists, namesIn } from "./files.ts";

/** A folder that has the name of a run. */
export interface ListedRun {
  readonly path: string;
  /** 1 for the name itself, N for `<name>-N`. */
  readonly number: number;
}

/**
 * Lists what is called `name` or `<name>-N` in the folder `out`, in the order of the numbers, runs or not.
 *
 * @returns Nothing if there is no such folder.
 * @throws {FileError} If the folder cannot be read.
 */
export async function listRuns(out: string, name: string): Promise<ListedRun[]> {
  if (!await exists(out)) return [];
  const names = await namesIn(out);
  const runs = names.flatMap((found): ListedRun[] => {
    const path = `${out}/${found}`;
    if (found === name) return [{ path, number: 1 }];
    const suffix = found.startsWith(`${name}-`) ? found.slice(name.length + 1) : "";
    return /^[1-9]\d{0,8}$/.test(suffix) ? [{ path, number: Number(suffix) }] : [];
  });
  return runs.sort((a, b) => a.number - b.number);
}

/**
 * Finds the run that a path means: that of a checkpoint, or the path itself.
 *
 * @returns The run's path, and the checkpoint's folder if the path is one or a link to one.
 */
export async function runOf(path: string): Promise<{ path: string; folder?: string }> {
  if (!await exists(`${path}/trainer.json`)) return { path };
  // `final` is a link, so only its target tells where the run is.
  const folder = await withFile("read", path, () => Deno.realPath(path));
  return { path: folder.split("/").slice(0, -2).join("/"), folder };
}
