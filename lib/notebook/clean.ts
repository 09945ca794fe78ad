/**
 * Notebooks without what a run left in them.
 *
 * @module
 */

import type { Cell, Notebook } from "./document.ts";
import { forgetResults } from "./stored_results.ts";

/** Options of {@linkcode clean}. */
export interface CleanOptions {
  /** Whether declared results are removed too. @default {false} */
  readonly results?: boolean;
}

/** Returns the notebook without outputs, execution counts and the metadata of cells. */
export function clean(notebook: Notebook, options: CleanOptions = {}): Notebook {
  const cells = notebook.cells.map((cell): Cell => ({
    ...cell,
    metadata: {},
    ...(cell.cell_type === "code" && { execution_count: null, outputs: [] }),
  }));
  return { ...notebook, cells, metadata: options.results ? forgetResults(notebook.metadata) : notebook.metadata };
}
