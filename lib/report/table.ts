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
  return paddedCells(columns, rows).map((line) => line.join("  ").trimEnd()).join("\n");
}

/** Lays rows out as a table of Markdown. */
export function formatMarkdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const [titles = [], ...lines] = paddedCells(columns, rows);
  const rule = titles.map(({ length }, column) =>
    columns[column]!.align === "left" ? "-".repeat(length) : `${"-".repeat(Math.max(1, length - 1))}:`
  );
  return [titles, rule, ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function paddedCells<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((texts) =>
    texts.map((text, column) => {
      const width = widths[column]!;
      return columns[column]!.align === "left" ? text.padEnd(width) : text.padStart(width);
    })
  );
}
