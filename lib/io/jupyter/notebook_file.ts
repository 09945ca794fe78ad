/**
 * Files of notebooks.
 *
 * @module
 */

import type { Notebook } from "../../notebook/document.ts";
import { parseNotebook } from "../../notebook/parse.ts";
import { printNotebook } from "../../notebook/print.ts";
import { writeAtomically } from "../atomic.ts";
import { readJson } from "../json.ts";

/**
 * Reads a notebook.
 *
 * @throws {FileError} If the file cannot be read or is not JSON.
 * @throws {RangeError} If it is no notebook of TypeScript.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  return parseNotebook(await readJson(path), path);
}

/** Writes a notebook, whole or not at all. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeAtomically(path, printNotebook(notebook));
}
