import type { Notebook } from "../../lib/notebook/document.ts";

/** Makes a notebook of code cells that have not run. */
export function notebookOf(...sources: string[]): Notebook {
  const cells = sources.map((source, index) => ({
    cell_type: "code" as const,
    id: `cell-${index + 1}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }));
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}
