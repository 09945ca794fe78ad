/**
 * The code of a notebook as one TypeScript file.
 *
 * @module
 */

import type { Notebook } from "./document.ts";

/** A line of a cell. */
export interface CellLine {
  /** Index of the cell among all cells. */
  readonly cell: number;
  /** Line in the cell, from 1. */
  readonly line: number;
}

/** The file, and where its lines come from. */
export interface JoinedCells {
  readonly text: string;
  /** Returns the cell that a line, counted from 1, belongs to. */
  locate(line: number): CellLine;
}

/**
 * Joins the code cells into one module in which names must be unique.
 *
 * @param last Index of the last cell that is taken. @default the last one
 */
export function joinCells({ cells }: Notebook, last = cells.length - 1): JoinedCells {
  const lines: string[] = [];
  const places: CellLine[] = [];
  for (const [cell, { cell_type, source }] of cells.slice(0, last + 1).entries()) {
    if (cell_type !== "code") continue;
    // Cells are programs of their own: the semicolon keeps a bracket at the start of the next one from calling.
    for (const [index, line] of [...source.split("\n"), ";"].entries()) {
      lines.push(line);
      places.push({ cell, line: index + 1 });
    }
  }
  // Without an import or an export it were no module, and could not wait at its top level.
  return { text: [...lines, "export {};", ""].join("\n"), locate: (line) => places[line - 1] ?? places.at(-1)! };
}
