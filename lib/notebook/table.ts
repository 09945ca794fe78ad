/**
 * Tables in a notebook, for results of a few rows.
 *
 * @module
 */

import { jupyterDisplay } from "../report/display.ts";
import { type Column, formatMarkdownTable, formatTable } from "../report/table.ts";
import { formatCount } from "../units.ts";

/** A row: values by the titles of their columns. Numbers that are not whole are written with four digits. */
export type TableRow = Readonly<Record<string, string | number>>;

/** A table in the forms that front ends choose from, by MIME type. */
export interface TableBundle {
  /** Lines of text. */
  readonly "text/plain": string;
  /** A table of Markdown. */
  readonly "text/markdown": string;
}

/** A table that shows itself as a cell's last expression. */
export class Table {
  readonly #rows: readonly TableRow[];

  /** Takes what {@linkcode table} was given. */
  constructor(rows: readonly TableRow[]) {
    this.#rows = rows;
  }

  /** Lays it out as the kernel asks for it. */
  [jupyterDisplay](): TableBundle {
    const columns = Object.entries(this.#rows[0]!).map(([title, value]): Column<TableRow> => ({
      ...{ title, align: typeof value === "number" ? "right" : "left" },
      text: (row) => spell(row[title]),
    }));
    const bare = columns.map(({ text, ...column }) => ({
      ...column,
      text: (row: TableRow) => text(row).replaceAll("|", "\\|").replaceAll("\n", " "),
    }));
    return {
      "text/plain": formatTable(columns, this.#rows),
      "text/markdown": formatMarkdownTable(bare, this.#rows),
    };
  }
}

/**
 * Lays rows out as a table with the columns of the first row; what another row lacks stays empty.
 *
 * @throws {RangeError} If there is no row.
 *
 * @example
 * ```ts
 * import { table } from "../../notebook.ts";
 *
 * table([{ student: "wide", loss: 3.3301 }, { student: "deep", loss: 3.2912 }]);
 * ```
 */
export function table(rows: readonly TableRow[]): Table {
  if (rows.length === 0) throw new RangeError("Cannot lay out the table: there must be at least one row, found none");
  return new Table(rows);
}

function spell(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return Number.isInteger(value) ? formatCount(value) : value.toPrecision(4);
}
