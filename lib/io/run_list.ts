/**
 * The runs in a folder.
 *
 * @module
 */

import { withFile } from "./file_error.ts";
import { exists } from "./files.ts";

/** A folder that has the name of a run. */
export interface ListedRun {
  readonly path: string;
  /** 1 for the name itself, N for `<name>-N`. */
  readonly number: number;
}

/**
 * Lists what is called `name` or `<name>-N` in the folder `out`, in the order of the numbers, runs or not.
 *
 * @returns nothing if there is no such folder
 * @throws {FileError} if the folder cannot be read
 */
export async function listRuns(out: string, name: string): Promise<ListedRun[]> {
  if (!await exists(out)) return [];
  const names = await withFile("read", out, () => Array.fromAsync(Deno.readDir(out), (entry) => entry.name));
  const runs = names.flatMap((found): ListedRun[] => {
    const path = `${out}/${found}`;
    if (found === name) return [{ path, number: 1 }];
    const suffix = found.startsWith(`${name}-`) ? found.slice(name.length + 1) : "";
    return /^[1-9]\d{0,8}$/.test(suffix) ? [{ path, number: Number(suffix) }] : [];
  });
  return runs.sort((a, b) => a.number - b.number);
}
