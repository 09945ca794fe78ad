/**
 * Which copy of the project this process runs.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Environment } from "../share/manifest.ts";
import { hashFile } from "./files.ts";
import { shipped } from "./shipped.ts";

/** Reads versions, lock file and git commit; what a copy does not have is absent. */
export async function readProject(): Promise<Omit<Environment, "device">> {
  const lock = await shipped("deno.lock");
  // A copy that lies somewhere in another project's checkout has no commit of its own.
  const commit = await git("rev-parse", "--show-prefix") === "" ? await git("rev-parse", "HEAD") : undefined;
  const changes = commit === undefined ? undefined : await git("status", "--porcelain");
  return {
    deno: Deno.version.deno,
    ...(lock !== undefined && { lock: await hashFile(lock) }),
    ...(commit !== undefined && { commit }),
    ...(changes !== undefined && { dirty: changes !== "" }),
  };
}

/** What git says of the folder that the code lies in, without its last line end; nothing where it is no checkout. */
async function git(...args: string[]): Promise<string | undefined> {
  const root = new URL("../../", import.meta.url);
  if (root.protocol !== "file:") return undefined;
  const command = new Deno.Command("git", { args, cwd: fileURLToPath(root), stderr: "null" });
  const { success, stdout } = await command.output().catch(() => ({ success: false, stdout: new Uint8Array() }));
  return success ? new TextDecoder().decode(stdout).trimEnd() : undefined;
}
