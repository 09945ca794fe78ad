/**
 * The kernel of this project as Jupyter finds it.
 *
 * @module
 */

import { homedir } from "node:os";
import { KERNEL_SPEC } from "../../notebook/print.ts";
import { writeAtomically } from "../atomic.ts";
import { exists, makeFolder, remove } from "../files.ts";
import { jsonText } from "../json.ts";
import { kernelEnvironment } from "./environment.ts";

/** The system, as far as it decides where Jupyter keeps a user's data. */
export interface JupyterPlace {
  /** As in `Deno.build.os`. */
  readonly os: string;
  /** The user's folder. */
  readonly home: string;
  /** The environment: JUPYTER_DATA_DIR, XDG_DATA_HOME and APPDATA count. */
  readonly env: Readonly<Record<string, string>>;
}

/** Returns the folder of this project's kernel among those of the user, as Jupyter looks for it. */
export function kernelFolder(place: JupyterPlace = thisPlace()): string {
  return `${dataFolder(place)}/kernels/${KERNEL_SPEC.name}`;
}

/**
 * Writes the kernel's description: the Deno that runs now, the environment that the tasks have, and interrupts by
 * message, because a signal ends Deno's kernel.
 *
 * @returns Whether anything had to be written.
 * @throws {FileError} If the file system refuses.
 */
export async function installKernel(folder: string): Promise<boolean> {
  const text = jsonText({
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: KERNEL_SPEC.display_name,
    language: KERNEL_SPEC.language,
    interrupt_mode: "message",
    env: kernelEnvironment(),
  });
  const file = `${folder}/kernel.json`;
  if (await exists(file) && await Deno.readTextFile(file) === text) return false;
  await makeFolder(folder);
  await writeAtomically(file, text);
  return true;
}

/** Removes the kernel's description; returns whether there was one. */
export async function removeKernel(folder: string): Promise<boolean> {
  if (!await exists(folder)) return false;
  await remove(folder);
  return true;
}

function thisPlace(): JupyterPlace {
  return { os: Deno.build.os, home: homedir(), env: Deno.env.toObject() };
}

function dataFolder({ os, home, env }: JupyterPlace): string {
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"];
  if (os === "darwin") return `${home}/Library/Jupyter`;
  if (os === "windows") return `${env["APPDATA"] ?? home}/jupyter`;
  return `${env["XDG_DATA_HOME"] || `${home}/.local/share`}/jupyter`;
}
