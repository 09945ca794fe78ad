/**
 * Why a kernel did not take a cell.
 *
 * @module
 */

import type { Notebook } from "../../notebook/document.ts";
import { checkTypes } from "./check_types.ts";

/**
 * Finds out what is wrong with a cell of which the kernel only says that it failed, as it does of code with a mistake in
 * its syntax or with a package that cannot be had.
 */
export async function explainFailure(notebook: Notebook, path: string, index: number): Promise<string> {
  const mistakes = await checkTypes(notebook, path, index);
  const mistake = mistakes.find(({ cell }) => cell === index);
  return mistake?.reason ??
    "the kernel could not execute it and does not say why; look for imports of packages that cannot be had";
}
