/**
 * Notebooks as Jupyter stores them: format 4 of nbformat.
 *
 * @module
 */

/** Values by MIME type: text of several lines is one text here, JSON types hold any JSON. */
export type MimeBundle = Record<string, unknown>;

/** Notes on a part of a notebook that its readers may use. */
export type Metadata = Record<string, unknown>;

/** Text that was printed. */
export interface StreamOutput {
  output_type: "stream";
  name: string;
  text: string;
}

/** What a cell showed, or its value. */
export interface DisplayOutput {
  output_type: "display_data" | "execute_result";
  data: MimeBundle;
  metadata: Metadata;
  /** Number of the execution, for a value. */
  execution_count?: number | null;
}

/** What a cell threw. */
export interface ErrorOutput {
  output_type: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Anything that a cell left under itself. */
export type Output = StreamOutput | DisplayOutput | ErrorOutput;

/** Prose, or text that is taken as it is. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id?: string;
  metadata: Metadata;
  source: string;
  attachments?: Record<string, MimeBundle>;
}

/** Code and what it left. */
export interface CodeCell {
  cell_type: "code";
  id?: string;
  metadata: Metadata;
  source: string;
  /** Number of the execution; null before the first one. */
  execution_count: number | null;
  outputs: Output[];
}

/** A part of a notebook. */
export type Cell = TextCell | CodeCell;

/** A whole notebook. */
export interface Notebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: Metadata;
  cells: Cell[];
}

/** Names a cell in messages: its place among all cells, from 1, and its first line. */
export function describeCell({ cells }: Notebook, index: number): string {
  const line = cells[index]!.source.trim().split("\n", 1)[0]!;
  const LONGEST = 60;
  return `cell ${index + 1} (${line.length > LONGEST ? `${line.slice(0, LONGEST - 3)}...` : line})`;
}
