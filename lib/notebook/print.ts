/**
 * Writing notebooks.
 *
 * @module
 */

import type { Cell, MimeBundle, Notebook, Output } from "./document.ts";

/** What a notebook says of its kernel; versions, which change with each release of Deno, are left out. */
const KERNEL = {
  kernelspec: { display_name: "Offshoot (Deno)", language: "typescript", name: "offshoot" },
  language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
} as const;

/** The name and the title of the kernel that notebooks ask for; `deno task jupyter` installs it. */
export const KERNEL_SPEC = KERNEL.kernelspec;

/**
 * Returns the text of a notebook's file, always the same for the same notebook: as Jupyter writes it, with names in
 * order, an indentation of one space, text in lists of lines and a newline at the end; and with the same words on the
 * kernel in every notebook.
 */
export function printNotebook({ cells, metadata, ...rest }: Notebook): string {
  const document = { ...rest, cells: cells.map(splitCell), metadata: { ...metadata, ...KERNEL } };
  return `${JSON.stringify(sorted(document), null, 1)}\n`;
}

function splitCell(cell: Cell): unknown {
  const source = lines(cell.source);
  if (cell.cell_type === "code") return { ...cell, source, outputs: cell.outputs.map(splitOutput) };
  const attachments = Object.entries(cell.attachments ?? {}).map(([name, data]) => [name, splitBundle(data)]);
  return { ...cell, source, ...(cell.attachments && { attachments: Object.fromEntries(attachments) }) };
}

function splitOutput(output: Output): unknown {
  if (output.output_type === "stream") return { ...output, text: lines(output.text) };
  return output.output_type === "error" ? output : { ...output, data: splitBundle(output.data) };
}

/** Splits what people may read in a difference; pictures in base64 are one text. */
function splitBundle(data: MimeBundle): MimeBundle {
  const readable = (type: string) => /^(text\/|image\/svg\+xml$|application\/javascript$)/.test(type);
  return Object.fromEntries(
    Object.entries(data).map((
      [type, value],
    ) => [type, typeof value === "string" && readable(type) ? lines(value) : value]),
  );
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
