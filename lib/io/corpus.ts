/**
 * Corpora: where documents come from.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Corpus, Document } from "../data/document.ts";
import { readFolder, readTextFile } from "./corpus_files.ts";
import { readJsonLines } from "./corpus_json_lines.ts";
import { readSpeeches } from "./corpus_sotu.ts";
import { FileError, withFile } from "./file_error.ts";

/** The corpus that is read if no other is named: the State of the Union addresses. */
export const defaultCorpus = "sotu";

/** Names a corpus. */
export interface CorpusSpec {
  /**
   * One of
   * - `"sotu"`: the State of the Union addresses, 1790 to 2021, a document each (a file of that name is `./sotu`);
   * - a folder: its `.txt` and `.md` files, at any depth, sorted by path, a document each;
   * - a `.jsonl` or `.ndjson` file: a document a line;
   * - any other file: one text. With `separator` its pieces are the documents; without one, it is cut into about 200
   *   blocks at line ends, so that some can be held out.
   */
  readonly source: string;
  /** JSON Lines: the field that holds the text. @default {"text"} */
  readonly field?: string;
  /**
   * A text file: what stands between documents; `\n` and `\t`, written as two characters, are a line end and a tab.
   * Line ends at both ends of a document are dropped.
   */
  readonly separator?: string;
}

/**
 * Reads all documents of a corpus into memory; empty ones are left out.
 *
 * @throws {FileError} If something is missing, is not UTF-8, does not have the form asked for, or holds no text.
 */
export async function readCorpus({ source, field = "text", separator }: CorpusSpec): Promise<Corpus> {
  const documents: Document[] = [];
  for (const document of await openDocuments(source, field, separator)) {
    if (document.text !== "") documents.push(document);
  }
  if (documents.length === 0) {
    throw new FileError("read", source, "a corpus must hold at least one document with text, found none");
  }
  return { name: source, documents, hash: hashTexts(documents) };
}

async function openDocuments(source: string, field: string, separator: string | undefined): Promise<Document[]> {
  const kind = await kindOf(source);
  if (separator !== undefined && kind !== "text") {
    throw new FileError("read", source, `'separator' is for text files, found ${kindNames[kind]}; leave it out`);
  }
  switch (kind) {
    case "speeches":
      return await readSpeeches();
    case "folder":
      return await readFolder(source);
    case "jsonLines":
      return await readJsonLines(source, field);
    case "text":
      return await readTextFile(source, separator);
  }
}

const kindNames = {
  speeches: "the State of the Union addresses",
  folder: "a folder",
  jsonLines: "JSON Lines",
  text: "a text file",
};

async function kindOf(source: string): Promise<keyof typeof kindNames> {
  if (source === defaultCorpus) return "speeches";
  const { isDirectory } = await withFile("read", source, () => Deno.stat(source));
  if (isDirectory) return "folder";
  return /\.(jsonl|ndjson)$/i.test(source) ? "jsonLines" : "text";
}

function hashTexts(documents: readonly Document[]): string {
  const hash = createHash("sha256");
  // As JSON, a text cannot be mistaken for two shorter ones.
  for (const { text } of documents) hash.update(`${JSON.stringify(text)}\n`);
  return hash.digest("hex");
}
