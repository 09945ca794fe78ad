/**
 * Repeating a notebook.
 *
 * @module
 */

import { makeFolder } from "../io/files.ts";
import { executeNotebook } from "../io/jupyter/execute.ts";
import { readNotebook, writeNotebook } from "../io/jupyter/notebook_file.ts";
import { shipped } from "../io/shipped.ts";
import { compareResults } from "../notebook/compare.ts";
import { resultsOf, storedResults } from "../notebook/stored_results.ts";
import { type Agreement, agreementsOf } from "./comparison.ts";
import { NOTEBOOK } from "./share.ts";

/**
 * Executes a packed notebook, keeps it with its new outputs, and compares the results that it declares.
 *
 * @param from The folder of the packed notebook.
 * @param to The folder for the executed one.
 * @throws {RangeError} If the notebook holds no results to compare with.
 * @throws {Error} If a cell fails; it is named.
 */
export async function repeatNotebook(
  from: string,
  to: string,
  { quick, signal }: { readonly quick?: boolean | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Agreement[]> {
  const notebook = await readNotebook(`${from}/${NOTEBOOK}`);
  const size = quick ?? storedResults(notebook, "full").length === 0 ? "quick" : "full";
  const stored = storedResults(notebook, size);
  if (stored.length === 0) {
    throw new RangeError(
      "Cannot repeat the notebook: it must hold results that its cells declare with expect(), found none; run it with " +
        "deno task notebook:run, and share it again",
    );
  }
  // Its imports are found, and its relative paths are right, where the project's own notebooks lie.
  const folder = await shipped("notebooks") ?? from;
  const options = { quick: size === "quick", ...(signal && { signal }) };
  const executed = await executeNotebook(notebook, `${folder}/${NOTEBOOK}`, options);
  await makeFolder(to);
  await writeNotebook(`${to}/${NOTEBOOK}`, executed);
  return agreementsOf(compareResults(stored, resultsOf(executed)));
}
