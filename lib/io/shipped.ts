/**
 * What lies beside the code.
 *
 * @module
 */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { exists } from "./files.ts";

/**
 * Finds a file or a folder that comes with the project.
 *
 * @param name Its path from the project's root.
 * @returns Its path, relative to the working directory where it lies below that; nothing where the code was loaded from
 *   elsewhere than a disk, or came without it.
 */
export async function shipped(name: string): Promise<string | undefined> {
  const url = new URL(`../../${name}`, import.meta.url);
  if (url.protocol !== "file:") return undefined;
  const path = fileURLToPath(url);
  if (!await exists(path)) return undefined;
  const near = relative(Deno.cwd(), path);
  return near.startsWith("..") || near === "" ? path : near;
}
