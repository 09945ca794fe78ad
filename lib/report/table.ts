/**
 * Tables of text.
 *
 * @module
 */

/** A column of a table of text. */
export interface Column<Row> {
  readonly title: string;
  /** What stands in a row's cell. */
  readonly text: (row: Row) => string;
  /** @default {"right"} */
  readonly align?: "left" | "right";
}

/** Lays rows out as lines of text under a line of titles; every column is as wide as its widest cell. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const line = (texts: readonly string[]) =>
    texts.map((text, column) => {
      const width = widths[column]!;
      return columns[column]!.align === "left" ? text.padEnd(width) : text.padStart(width);
    }).join("  ").trimEnd();
  return cells.map(line).join("\n");
}
